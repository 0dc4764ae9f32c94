/**
 * One small network, computed twice: by a runtime's operations and by loops in double precision.
 * Where they agree, a device computes what it should.
 *
 * Letters: N images, S the image's side, C input and O output channels, P the convolution's side.
 *
 * @module
 */
import type { Scalar } from "@tensorflow/tfjs-core";
import type { Runtime, Tensor } from "../runtime.ts";

const N = 4, S = 8, C = 3, O = 4, K = 3, P = S / 2;
const EPSILON = 1e-5;

/** How far a runtime is from the reference, relative to the reference's size. */
export interface Agreement {
  /** Of the loss: forward pass. */
  readonly loss: number;
  /** Of the loss's slope along a direction of the filter: backward pass. */
  readonly slope: number;
}

/** Convolution of stride 2, batch normalisation, ReLU, pooling and a mean square, both ways. */
export async function compareWithReference(runtime: Runtime): Promise<Agreement> {
  const images = wave(N * S * S * C, 1.7);
  const filter = wave(K * K * C * O, 2.3);
  const direction = wave(K * K * C * O, 0.9);
  const expected = {
    loss: referenceLoss(images, filter),
    slope: referenceSlope(images, filter, direction),
  };
  const { loss, slope } = await lossAndSlope(runtime, images, filter, direction);
  return {
    loss: Math.abs(loss - expected.loss) / Math.abs(expected.loss),
    slope: Math.abs(slope - expected.slope) / Math.abs(expected.slope),
  };
}

/** Values between -1 and 1 without a pattern that a wrong layout would keep. */
function wave(length: number, frequency: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(frequency * i + 0.1 * i * i));
}

async function lossAndSlope(
  runtime: Runtime,
  images: Float32Array,
  filter: Float32Array,
  direction: Float32Array,
): Promise<{ loss: number; slope: number }> {
  const { tf, ops } = runtime;
  const variable = (name: string, value: number) =>
    runtime.variable(name, [O], new Float32Array(O).fill(value));
  const statistics = { mean: variable("mean", 0), variance: variable("variance", 1) };
  const step = runtime.step("reference", (x, w, d, gamma, beta) => {
    const { value, grads } = tf.valueAndGrads((w: Tensor) => {
      const convolved = ops.conv2d(x, w, { stride: 2, padding: 1 });
      const { mean, variance } = statistics;
      const normal = ops.batchNormTraining(convolved, gamma, beta, mean, variance);
      return tf.mean(tf.square(ops.maxPool2x2(ops.relu(normal)))) as Scalar;
    })([w]);
    return [value, tf.sum(tf.mul(grads[0], d))];
  });
  const shape = [K, K, C, O];
  const args = [
    tf.tensor(images, [N, S, S, C]),
    tf.tensor(filter, shape),
    tf.tensor(direction, shape),
    tf.ones([O]),
    tf.zeros([O]),
  ];
  const results = await step.runAsync(...args);
  const [loss, slope] = await Promise.all(results.map((result) => result.data()));
  tf.dispose([...args, ...results]);
  step.dispose();
  Object.values(statistics).forEach((statistic) => statistic.dispose());
  return { loss: loss[0], slope: slope[0] };
}

/** The central difference along `direction`: in double precision good to about 1e-8. */
function referenceSlope(images: Float32Array, filter: Float32Array, direction: Float32Array) {
  const h = 1e-5;
  const shifted = (sign: number) =>
    Float64Array.from(filter, (w, i) => w + sign * h * direction[i]);
  return (referenceLoss(images, shifted(1)) - referenceLoss(images, shifted(-1))) / (2 * h);
}

function referenceLoss(images: Float32Array, filter: Float32Array | Float64Array): number {
  const normal = normalise(convolve(images, filter));
  const pooled = P / 2;
  let sum = 0;
  for (let n = 0; n < N; n++) {
    for (let y = 0; y < pooled; y++) {
      for (let x = 0; x < pooled; x++) {
        for (let o = 0; o < O; o++) {
          const at = (dy: number, dx: number) =>
            normal[((n * P + 2 * y + dy) * P + 2 * x + dx) * O + o];
          sum += Math.max(0, at(0, 0), at(0, 1), at(1, 0), at(1, 1)) ** 2;
        }
      }
    }
  }
  return sum / (N * pooled * pooled * O);
}

function convolve(images: Float32Array, filter: Float32Array | Float64Array): Float64Array {
  const result = new Float64Array(N * P * P * O);
  for (let i = 0; i < result.length; i++) {
    const o = i % O, x = Math.floor(i / O) % P, y = Math.floor(i / O / P) % P;
    const n = Math.floor(i / O / P / P);
    for (let k = 0; k < K * K * C; k++) {
      const c = k % C, column = 2 * x - 1 + Math.floor(k / C) % K;
      const row = 2 * y - 1 + Math.floor(k / C / K);
      if (row < 0 || row >= S || column < 0 || column >= S) continue;
      result[i] += images[((n * S + row) * S + column) * C + c] * filter[k * O + o];
    }
  }
  return result;
}

function normalise(values: Float64Array): Float64Array {
  const count = values.length / O;
  const sums = new Float64Array(O), squares = new Float64Array(O);
  values.forEach((value, i) => sums[i % O] += value);
  values.forEach((value, i) => squares[i % O] += (value - sums[i % O] / count) ** 2);
  return values.map((value, i) =>
    (value - sums[i % O] / count) / Math.sqrt(squares[i % O] / count + EPSILON)
  );
}
