/**
 * One training step as a recorded function: from bytes and labels to updated parameters.
 * Letters: b images in a batch, H rows, W columns, C classes.
 *
 * @module
 */
import type { Runtime, Step, Tensor } from "../../tensorflow/runtime.ts";
import type { Batch } from "./batch_loader.ts";
import { computeLoss, type LossConfig } from "./loss.ts";
import type { Network } from "../network/network.ts";
import type { Optimiser } from "./optimiser.ts";

/** What a step is made of. */
export interface TrainingStepOptions {
  readonly loss: LossConfig;
  readonly optimiser: Optimiser;
  readonly xla: boolean;
  readonly precision: "float32" | "bfloat16";
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
    // Cast, as one-hot labels are int32 on WASM whatever one asks for.
    const oneHot = tf.cast(tf.oneHot(labels, network.config.classes), "float32");
    const mix = mixupOf(runtime, rest.slice(scalarCount));
    const [images, targets] = [mix(runtime.ops.scaleImages(bytes)), mix(oneHot)];
    const { value, grads } = tf.valueAndGrads((...values: Tensor[]) =>
      computeLoss(tf, options.loss, network.forwardTraining(images, values), targets)
    )(network.parameters.map((parameter) => parameter.read()));
    options.optimiser.apply(grads, scalars);
    return [value];
  }, { xla: options.xla, precision: options.precision });
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

/** Mixup of the rows of a tensor [b,...]; without a blend the tensor as it is. */
function mixupOf({ tf }: Runtime, [partners, weight]: readonly Tensor[]): (x: Tensor) => Tensor {
  if (!partners) return (x) => x;
  return (x) => tf.add(tf.mul(x, weight), tf.mul(tf.gather(x, partners), tf.sub(1, weight)));
}
