/**
 * The training step by which `doctor` measures a device: four convolutions with batch
 * normalisation at 16x16 and 8x8, a linear layer, mean square error, Adam; 32 images.
 *
 * @module
 */
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { AdamMoments, Runtime, Tensor, Variable } from "../runtime.ts";

/** What {@link benchmarkStep} measured. */
export interface StepTime {
  /** Of the first step, in which the native backend records and a GPU compiles. */
  readonly firstMs: number;
  /** Median of the others. */
  readonly medianMs: number;
  readonly steps: number;
  /** The loss before the first and before the last step. */
  readonly losses: readonly [number, number];
}

const BATCH = 32, SIDE = 16, CLASSES = 10;
const WIDTHS = [[3, 32, 1], [32, 32, 1], [32, 64, 2], [64, 64, 1]] as const;
const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const LEARNING_RATE = 1e-3;

/** Trains for about `seconds` (at least three steps) and measures each step. */
export async function benchmarkStep(
  runtime: Runtime,
  seconds: number,
  clock: () => number,
): Promise<StepTime> {
  const { tf } = runtime;
  const { step, dispose } = makeStep(runtime);
  const images = tf.tensor(wave(BATCH * SIDE * SIDE * 3), [BATCH, SIDE, SIDE, 3]);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);
  const targets = tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), CLASSES), "float32");
  const times: number[] = [], losses: number[] = [];
  const start = clock();
  while (times.length < 3 || clock() - start < seconds * 1000) {
    const before = clock();
    const scalars = scalarsOf(runtime, times.length + 1);
    const [loss] = await step.runAsync(images, targets, ...scalars);
    losses.push((await loss.data())[0]);
    times.push(clock() - before);
    tf.dispose([loss, ...scalars]);
  }
  tf.dispose([images, targets]);
  dispose();
  const [firstMs, ...rest] = times;
  const medianMs = rest.sort((a, b) => a - b)[rest.length >> 1];
  return { firstMs, medianMs, steps: times.length, losses: [losses[0], losses.at(-1)!] };
}

function scalarsOf({ tf }: Runtime, t: number): Tensor[] {
  return [LEARNING_RATE, ADAM.beta1 ** t, ADAM.beta2 ** t].map((value) => tf.scalar(value));
}

function makeStep(runtime: Runtime) {
  const { tf, ops } = runtime;
  const shapes = [...WIDTHS.map(([from, to]) => [3, 3, from, to]), [WIDTHS.at(-1)![1], CLASSES]];
  const weights = shapes.map((shape, i) => {
    const fanIn = shape.slice(0, -1).reduce((product, length) => product * length);
    return newVariable(runtime, `w${i}`, shape, Math.sqrt(2 / fanIn));
  });
  const moments: AdamMoments[] = weights.map(({ name, shape }) => ({
    first: newVariable(runtime, `${name}/first`, shape, 0),
    second: newVariable(runtime, `${name}/second`, shape, 0),
  }));
  const norms = WIDTHS.map(([, to], i) => ({
    mean: newVariable(runtime, `mean${i}`, [to], 0),
    variance: newVariable(runtime, `variance${i}`, [to], 0),
  }));
  const forward = (images: Tensor, values: Tensor[]) => {
    const features = WIDTHS.reduce((x, [, width, stride], i) => {
      const convolved = ops.conv2d(x, values[i], { stride, padding: 1 });
      const { mean, variance } = norms[i];
      return ops.relu(
        ops.batchNormTraining(convolved, tf.ones([width]), tf.zeros([width]), mean, variance),
      );
    }, images);
    return tf.matMul(tf.mean(features, [1, 2]) as Tensor2D, values.at(-1) as Tensor2D);
  };
  const step = runtime.step(
    "benchmark",
    (images, targets, learningRate, beta1Power, beta2Power) => {
      const { value, grads } = tf.valueAndGrads((...values: Tensor[]) =>
        tf.mean(tf.square(tf.sub(forward(images, values), targets))) as Scalar
      )(weights.map((weight) => weight.read()));
      const rate = { ...ADAM, learningRate, beta1Power, beta2Power };
      weights.forEach((weight, i) => ops.applyAdam(weight, moments[i], grads[i], rate));
      return [value];
    },
  );
  const variables = [
    ...weights,
    ...moments.flatMap(({ first, second }) => [first, second]),
    ...norms.flatMap(({ mean, variance }) => [mean, variance]),
  ];
  const dispose = () => {
    step.dispose();
    variables.forEach((variable) => variable.dispose());
  };
  return { step, dispose };
}

function newVariable(
  runtime: Runtime,
  name: string,
  shape: readonly number[],
  scale: number,
): Variable {
  const size = shape.reduce((product, length) => product * length);
  return runtime.variable(name, shape, wave(size).map((value) => value * scale));
}

/** Values between -1 and 1 of no visible order. */
function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(1.3 * i + 0.1 * i * i));
}
