/**
 * One training step as a recorded function: from bytes and labels to updated parameters.
 * Letters: b images in a batch, H rows, W columns, C classes.
 *
 * @module
 */
import type { Runtime, Step, Tensor } from "../tensorflow/runtime.ts";
import type { Batch } from "./batch_loader.ts";
import { computeLoss, type LossConfig } from "./loss.ts";
import type { Network } from "./network.ts";
import type { Optimiser } from "./optimiser.ts";

/** What a step is made of. */
export interface TrainingStepOptions {
  readonly loss: LossConfig;
  readonly optimiser: Optimiser;
  readonly xla: boolean;
}

/** A recorded step. */
export interface TrainingStep {
  /**
   * Trains on a batch.
   *
   * @param scalars Those of {@link Optimiser.scalars} for this step.
   * @returns The loss before the update, a scalar; the caller disposes it.
   */
  run(batch: Batch, scalars: readonly number[]): Promise<Tensor>;
  /** Frees the recording. */
  dispose(): void;
}

/** Makes the training step of a network. */
export function createTrainingStep(
  runtime: Runtime,
  network: Network,
  options: TrainingStepOptions,
): TrainingStep {
  const { tf } = runtime;
  const scalarCount = options.optimiser.scalars(1, 0).length;
  const step: Step = runtime.step("train", (bytes, labels, ...rest) => {
    const scalars = rest.slice(0, scalarCount);
    const own = inputs(runtime, network, bytes, labels);
    const [images, targets] = blend(runtime, network, own, rest.slice(scalarCount));
    const { value, grads } = tf.valueAndGrads((...values: Tensor[]) =>
      computeLoss(tf, options.loss, network.forwardTraining(images, values), targets)
    )(network.parameters.map((parameter) => parameter.read()));
    options.optimiser.apply(grads, scalars);
    return [value];
  }, { xla: options.xla });
  return {
    async run(batch, numbers) {
      const scalars = numbers.map((number) => tf.scalar(number));
      const [loss] = await step.runAsync(batch.images, batch.labels, ...scalars, ...batch.blend);
      scalars.forEach((scalar) => scalar.dispose());
      return loss;
    },
    dispose: () => step.dispose(),
  };
}

/** Images in [0, 1] [b,H,W,3] and one-hot labels [b,C]; these are cast, as on WASM they are int32 whatever one asks for. */
function inputs(
  { tf, ops }: Runtime,
  { config }: Network,
  bytes: Tensor,
  labels: Tensor,
): [Tensor, Tensor] {
  return [ops.scaleImages(bytes), tf.cast(tf.oneHot(labels, config.classes), "float32")];
}

/** Mixup of images and targets; without partners both as they are. */
function blend(
  runtime: Runtime,
  network: Network,
  [images, targets]: [Tensor, Tensor],
  [bytes, labels, weight]: readonly Tensor[],
): [Tensor, Tensor] {
  if (!weight) return [images, targets];
  const { tf } = runtime;
  const [otherImages, otherTargets] = inputs(runtime, network, bytes, labels);
  const mix = (x: Tensor, y: Tensor) => tf.add(tf.mul(x, weight), tf.mul(y, tf.sub(1, weight)));
  return [mix(images, otherImages), mix(targets, otherTargets)];
}
