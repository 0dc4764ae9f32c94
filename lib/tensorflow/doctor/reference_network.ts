/**
 * Small networks, computed twice: by a runtime's operations and by loops in double precision. Where
 * they agree, a device computes what it should.
 *
 * Letters: N images, S the image's side, C input and O output channels, K the filter's side, P the
 * convolution's side.
 *
 * @module
 */
import type { Scalar } from "@tensorflow/tfjs-core";
import type { Runtime, Tensor } from "../runtime.ts";

const N = 4;
const EPSILON = 1e-5;

/** The convolution of a network; half the filter is padded. */
interface Shape {
  readonly S: number;
  readonly C: number;
  readonly O: number;
  readonly K: number;
  readonly stride: number;
}

/** Few channels, as in first layers, as many as fill vector registers, and one more. */
const SHAPES: readonly Shape[] = [
  { S: 8, C: 3, O: 4, K: 3, stride: 2 },
  { S: 8, C: 3, O: 8, K: 1, stride: 2 },
  { S: 16, C: 8, O: 16, K: 3, stride: 1 },
  { S: 8, C: 16, O: 33, K: 1, stride: 1 },
  { S: 8, C: 33, O: 64, K: 3, stride: 2 },
  { S: 8, C: 64, O: 32, K: 1, stride: 2 },
];

/** How far a runtime is from the reference, relative to the reference's size. */
export interface Agreement {
  /** Of the loss: forward pass. */
  readonly loss: number;
  /** Of the loss's slope along a direction of images and filter: backward pass. */
  readonly slope: number;
}

/**
 * Convolution, batch normalisation, ReLU, pooling and a mean square, both ways.
 *
 * @returns the worst of several shapes.
 */
export async function compareWithReference(runtime: Runtime): Promise<Agreement> {
  const all: Agreement[] = [];
  for (const shape of SHAPES) all.push(await compareShape(runtime, shape));
  const worst = (what: keyof Agreement) => Math.max(...all.map((each) => each[what]));
  return { loss: worst("loss"), slope: worst("slope") };
}

/** Where a network is evaluated. */
interface Point {
  readonly images: Float32Array | Float64Array;
  readonly filter: Float32Array | Float64Array;
}

async function compareShape(runtime: Runtime, shape: Shape): Promise<Agreement> {
  const { S, C, O, K } = shape;
  const at = (images: number, filter: number) => ({
    images: wave(N * S * S * C, images),
    filter: wave(K * K * C * O, filter),
  });
  const point = at(1.7, 2.3), direction = at(1.1, 0.9);
  const { loss, slope } = await lossAndSlope(runtime, shape, point, direction);
  const expected = {
    loss: referenceLoss(shape, point),
    slope: referenceSlope(shape, point, direction),
  };
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
  { S, C, O, K, stride }: Shape,
  point: Point,
  direction: Point,
): Promise<{ loss: number; slope: number }> {
  const { tf, ops } = runtime;
  const variable = (name: string, value: number) =>
    runtime.variable(name, [O], new Float32Array(O).fill(value));
  const statistics = { mean: variable("mean", 0), variance: variable("variance", 1) };
  const step = runtime.step("reference", (x, w, dx, dw, gamma, beta) => {
    const { value, grads: [gx, gw] } = tf.valueAndGrads((x: Tensor, w: Tensor) => {
      const convolved = ops.conv2d(x, w, { stride, padding: (K - 1) / 2 });
      const { mean, variance } = statistics;
      const normal = ops.batchNormTraining(convolved, gamma, beta, mean, variance);
      return tf.mean(tf.square(ops.maxPool2x2(ops.relu(normal)))) as Scalar;
    })([x, w]);
    return [value, tf.add(tf.sum(tf.mul(gx, dx)), tf.sum(tf.mul(gw, dw)))];
  });
  const tensors = ({ images, filter }: Point) => [
    tf.tensor(images as Float32Array, [N, S, S, C]),
    tf.tensor(filter as Float32Array, [K, K, C, O]),
  ];
  const args = [...tensors(point), ...tensors(direction), tf.ones([O]), tf.zeros([O])];
  const results = await step.runAsync(...args);
  const [loss, slope] = await Promise.all(results.map((result) => result.data()));
  tf.dispose([...args, ...results]);
  step.dispose();
  Object.values(statistics).forEach((statistic) => statistic.dispose());
  return { loss: loss[0], slope: slope[0] };
}

/** The central difference along `direction`: in double precision good to about 1e-8. */
function referenceSlope(shape: Shape, point: Point, direction: Point): number {
  const h = 1e-5;
  const shifted = (step: number): Point => ({
    images: Float64Array.from(point.images, (x, i) => x + step * direction.images[i]),
    filter: Float64Array.from(point.filter, (w, i) => w + step * direction.filter[i]),
  });
  return (referenceLoss(shape, shifted(h)) - referenceLoss(shape, shifted(-h))) / (2 * h);
}

function referenceLoss(shape: Shape, point: Point): number {
  const { O } = shape, P = shape.S / shape.stride;
  const normal = normalise(convolve(shape, point), O);
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

function convolve({ S, C, O, K, stride }: Shape, { images, filter }: Point): Float64Array {
  const P = S / stride, padding = (K - 1) / 2;
  const result = new Float64Array(N * P * P * O);
  for (let i = 0; i < result.length; i++) {
    const o = i % O, x = Math.floor(i / O) % P, y = Math.floor(i / O / P) % P;
    const n = Math.floor(i / O / P / P);
    for (let k = 0; k < K * K * C; k++) {
      const c = k % C, column = stride * x - padding + Math.floor(k / C) % K;
      const row = stride * y - padding + Math.floor(k / C / K);
      if (row < 0 || row >= S || column < 0 || column >= S) continue;
      result[i] += images[((n * S + row) * S + column) * C + c] * filter[k * O + o];
    }
  }
  return result;
}

function normalise(values: Float64Array, O: number): Float64Array {
  const count = values.length / O;
  const sums = new Float64Array(O), squares = new Float64Array(O);
  values.forEach((value, i) => sums[i % O] += value);
  values.forEach((value, i) => squares[i % O] += (value - sums[i % O] / count) ** 2);
  return values.map((value, i) =>
    (value - sums[i % O] / count) / Math.sqrt(squares[i % O] / count + EPSILON)
  );
}
