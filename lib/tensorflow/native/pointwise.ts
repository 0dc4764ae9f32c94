/**
 * Pointwise (1x1) convolutions with a stride as products of matrices, for CPUs. oneDNN copies the
 * pixels that the stride meets into a workspace and, where there are few channels, writes past its
 * end: see docs/onednn.md. Products are the faster way as well.
 *
 * Letters: N images, H x W pixels, P x Q of which the stride meets, C input and O output channels.
 *
 * @module
 */
import type { KernelFunc, NamedAttrMap, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tensor, Tfjs } from "../runtime.ts";
import { BACKEND_NAME } from "./backend.ts";

type Pair = readonly [number, number];
type Inputs = Record<string, Tensor4D>;
type Shape4D = [number, number, number, number];

/** The package's kernels, which it registers once, by name; a second backend wraps the same ones. */
const packaged = new Map<string, KernelFunc>();

/** Keeps pointwise convolutions with a stride, and their gradients, from the library. */
export function replaceStridedPointwise(tf: Tfjs): void {
  replaceFor(tf, "Conv2D", ({ filter }) => filter.shape, ({ x, filter }, stride) => {
    const [N, H, W] = x.shape;
    const [P, Q] = metBy(stride, [H, W]);
    const y = tf.matMul(pixels(tf, x, stride), matrix(tf, filter));
    return tf.reshape(y, [N, P, Q, filter.shape[3]]);
  });
  replaceFor(
    tf,
    "Conv2DBackpropFilter",
    (_, { filterShape }) => filterShape as Shape4D,
    ({ x, dy }, stride, { filterShape }) => {
      const gradient = tf.matMul(pixels(tf, x, stride), matrix(tf, dy), true);
      return tf.reshape(gradient, filterShape as Shape4D);
    },
  );
  replaceFor(
    tf,
    "Conv2DBackpropInput",
    ({ filter }) => filter.shape,
    ({ dy, filter }, stride, { inputShape }) => {
      const gradient = tf.matMul(matrix(tf, dy), matrix(tf, filter), false, true);
      return spread(tf, gradient, stride, inputShape as Shape4D);
    },
  );
}

/** Replaces a kernel for pointwise filters with a stride on NHWC images that have no zeros around. */
function replaceFor(
  tf: Tfjs,
  kernelName: string,
  filterShape: (inputs: Inputs, attrs: NamedAttrMap) => readonly number[],
  compute: (inputs: Inputs, stride: Pair, attrs: NamedAttrMap) => Tensor,
): void {
  const original = packaged.get(kernelName) ?? tf.getKernel(kernelName, BACKEND_NAME).kernelFunc;
  packaged.set(kernelName, original);
  tf.unregisterKernel(kernelName, BACKEND_NAME);
  tf.registerKernel({
    kernelName,
    backendName: BACKEND_NAME,
    kernelFunc: (call) => {
      const [inputs, attrs] = [call.inputs as Inputs, call.attrs ?? {}];
      const [rows, columns] = filterShape(inputs, attrs);
      const { pad, dataFormat = "NHWC" } = attrs;
      const { strides } = attrs as { strides: number | Pair };
      const stride = typeof strides === "number" ? [strides, strides] as const : strides;
      const isPointwise = rows * columns === 1 && (pad === "valid" || pad === "same" || pad === 0);
      const isStrided = stride[0] * stride[1] > 1 && dataFormat === "NHWC";
      return isPointwise && isStrided
        ? tf.tidy(() => compute(inputs, stride, attrs))
        : original(call);
    },
  });
}

function metBy(stride: Pair, [H, W]: Pair): Pair {
  return [Math.ceil(H / stride[0]), Math.ceil(W / stride[1])];
}

/** All but the last axis in one. */
function matrix(tf: Tfjs, x: Tensor4D): Tensor2D {
  return tf.reshape(x, [-1, x.shape[3]]);
}

/**
 * The pixels of `x` [N,H,W,C] that the stride meets: [N P Q,C]. They are the first part of a view
 * whose parts are as long as the stride: on CPUs, TensorFlow's `StridedSlice` takes 7 to 50 times as
 * long as `Slice`.
 */
function pixels(tf: Tfjs, x: Tensor4D, stride: Pair): Tensor2D {
  const [N, H, W, C] = x.shape;
  const [P, Q] = metBy(stride, [H, W]);
  const [below, beside] = [P * stride[0] - H, Q * stride[1] - W];
  const whole = below + beside === 0 ? x : tf.pad(x, [[0, 0], [0, below], [0, beside], [0, 0]]);
  const view = tf.reshape(whole, [N * P, stride[0], Q, stride[1] * C]);
  return tf.reshape(tf.slice(view, [0, 0, 0, 0], [N * P, 1, Q, C]), [-1, C]);
}

/** Puts a gradient [N P Q,C] where {@link pixels} took the pixels from, zeros elsewhere: [N,H,W,C]. */
function spread(tf: Tfjs, gradient: Tensor, stride: Pair, [N, H, W, C]: Shape4D): Tensor {
  const [P, Q] = metBy(stride, [H, W]);
  const met = tf.reshape(gradient, [N * P, 1, Q, C]) as Tensor4D;
  const view = tf.pad(met, [[0, 0], [0, stride[0] - 1], [0, 0], [0, (stride[1] - 1) * C]]);
  const whole = tf.reshape(view, [N, P * stride[0], Q * stride[1], C]);
  const fits = P * stride[0] === H && Q * stride[1] === W;
  return fits ? whole : tf.slice(whole, [0, 0, 0, 0], [N, H, W, C]);
}
