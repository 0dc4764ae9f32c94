/**
 * What a GPU with TF32 does to the operands of a product, and a backend that does the same.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";

/** Bits of a float32 behind the 11 that TF32 keeps. */
const DROPPED = 13;

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Keeps 11 bits of a float32: the nearest such number, of two equally near ones the even one. */
export function roundToTf32(value: number): number {
  float[0] = value;
  const odd = (bits[0] >>> DROPPED) & 1;
  bits[0] += (1 << (DROPPED - 1)) - 1 + odd;
  bits[0] = bits[0] >>> DROPPED << DROPPED;
  return float[0];
}

/** Drops all but 11 bits of a float32, as the units themselves do. */
export function truncateToTf32(value: number): number {
  float[0] = value;
  bits[0] = bits[0] >>> DROPPED << DROPPED;
  return float[0];
}

/** The operands of the kernels that GPUs run on such units. */
const OPERANDS = {
  BatchMatMul: ["a", "b"],
  _FusedMatMul: ["a", "b"],
  Conv2D: ["x", "filter"],
  FusedConv2D: ["x", "filter"],
};

/** A kernel whose operands are rounded. */
export type RoundedKernel = keyof typeof OPERANDS;

/**
 * Lets the WASM backend of this process round the operands of products, as a GPU does. To be called
 * before the backend is opened, which lays its own kernels over these.
 */
export async function roundWasmProducts(kernels: readonly RoundedKernel[]): Promise<void> {
  await import("@tensorflow/tfjs-backend-wasm");
  for (const kernelName of kernels) {
    const { kernelFunc, ...kernel } = tf.getKernel(kernelName, "wasm");
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({
      ...kernel,
      kernelFunc({ inputs, ...rest }) {
        const operands = OPERANDS[kernelName].map((name) => [name, rounded(inputs[name]!)]);
        const result = kernelFunc({
          inputs: { ...inputs, ...Object.fromEntries(operands) },
          ...rest,
        });
        operands.forEach(([, operand]) => tf.backend().disposeData((operand as TensorInfo).dataId));
        return result;
      },
    });
  }
}

function rounded({ dataId, shape, dtype }: TensorInfo): TensorInfo {
  const values = (tf.backend().readSync(dataId) as Float32Array).map(roundToTf32);
  return { dataId: tf.backend().write(values, shape, dtype), shape, dtype };
}
