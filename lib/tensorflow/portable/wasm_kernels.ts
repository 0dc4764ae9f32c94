/**
 * Gradient kernels for the WASM backend: the filter's gradient of a convolution is missing there,
 * the input's is a naive loop (5 to 25 times as long as the forward pass where measured), and a
 * product with a transposed matrix, as in a dense layer's gradients, takes 5 to 40 times as long as
 * transposing first.
 *
 * @module
 */
import type { backend_util, NamedAttrMap, Tensor4D, TensorInfo } from "@tensorflow/tfjs-core";
import { convFilterGradient, type ConvGeometry, convInputGradient } from "./conv_gradients.ts";
import type { Tensor, Tfjs } from "../runtime.ts";

const BACKEND = "wasm";

type Shape4D = [number, number, number, number];
type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4];

let isRegistered = false;

/** Gives the WASM backend fast gradients; replaces its own kernels, once. */
export function registerWasmKernels(tf: Tfjs): void {
  if (isRegistered) return;
  isRegistered = true;
  replaceKernel<Tensor4D>(tf, "Conv2DBackpropFilter", ({ x, dy }, attrs) => {
    const [rows, columns, ...channels] = attrs.filterShape as Shape4D;
    const geometry = geometryOf(tf, x.shape as Shape4D, [rows, columns, ...channels], attrs);
    return convFilterGradient(tf, x, dy, [rows, columns], geometry);
  });
  replaceKernel<Tensor4D>(tf, "Conv2DBackpropInput", ({ dy, filter }, attrs) => {
    const input = attrs.inputShape as Shape4D;
    const geometry = geometryOf(tf, input, filter.shape, attrs);
    return convInputGradient(tf, dy, filter, [input[1], input[2]], geometry);
  });
  const multiply = tf.getKernel("BatchMatMul", BACKEND).kernelFunc;
  replaceKernel(tf, "BatchMatMul", ({ a, b }, { transposeA, transposeB }) => {
    const inputs = {
      a: transposeA ? transposeMatrices(tf, a) : a,
      b: transposeB ? transposeMatrices(tf, b) : b,
    };
    const attrs = { transposeA: false, transposeB: false };
    const product = multiply({ inputs, attrs, backend: tf.backend() });
    return tf.engine().makeTensorFromTensorInfo(product as TensorInfo);
  });
}

function transposeMatrices(tf: Tfjs, x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

function geometryOf(
  tf: Tfjs,
  input: Shape4D,
  filter: Shape4D,
  { strides, pad }: NamedAttrMap,
): ConvGeometry {
  const { strideHeight, strideWidth, padInfo } = tf.backend_util.computeConv2DInfo(
    input,
    filter,
    strides as number | [number, number],
    1,
    pad as Padding,
  );
  return { strides: [strideHeight, strideWidth], padding: [padInfo.top, padInfo.left] };
}

function replaceKernel<T extends Tensor>(
  tf: Tfjs,
  kernelName: string,
  compute: (inputs: Record<string, T>, attrs: NamedAttrMap) => Tensor,
): void {
  if (tf.getKernel(kernelName, BACKEND)) tf.unregisterKernel(kernelName, BACKEND);
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => compute(borrow<T>(tf, inputs), attrs ?? {})),
  });
}

/**
 * Tensors on the kernel's inputs. Each holds a reference of its own, because the enclosing `tidy`
 * gives one back: without it, the caller's data would go.
 */
function borrow<T extends Tensor>(tf: Tfjs, inputs: Record<string, TensorInfo | undefined>) {
  const borrowed: Record<string, T> = {};
  for (const [name, info] of Object.entries(inputs)) {
    if (info === undefined) continue;
    (tf.backend() as unknown as ReferenceCounter).incRef(info.dataId);
    borrowed[name] = tf.engine().makeTensorFromTensorInfo(info) as T;
  }
  return borrowed;
}

interface ReferenceCounter {
  incRef(dataId: TensorInfo["dataId"]): void;
}
