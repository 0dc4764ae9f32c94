/** Values of PyTorch (tests/golden/tensorflow/make_ops.py), and how to compare with them. */
import assert from "node:assert/strict";
import type { Runtime, Tensor } from "../../lib/tensorflow/runtime.ts";

interface GoldenArray {
  readonly shape: number[];
  readonly data: string;
}

const file = new URL("../golden/tensorflow/ops.json", import.meta.url);
const { arrays } = JSON.parse(await Deno.readTextFile(file)) as {
  arrays: Record<string, GoldenArray>;
};

/** The names of the golden arrays. */
export const goldenNames = Object.keys(arrays);

/** A golden array's shape and values. */
export function golden(name: string): { shape: number[]; values: Float32Array } {
  const { shape, data } = arrays[name];
  return { shape, values: new Float32Array(Uint8Array.fromBase64(data).buffer) };
}

/** A golden array as a tensor. */
export function goldenTensor({ tf }: Runtime, name: string): Tensor {
  const { shape, values } = golden(name);
  return tf.tensor(values, shape);
}

/** Asserts that a tensor is the golden array to `tolerance`, relative to values above 1. */
export async function assertGolden(actual: Tensor, name: string, tolerance = 1e-5): Promise<void> {
  const { shape, values } = golden(name);
  assert.deepEqual(actual.shape, shape, name);
  assertClose(await actual.data<"float32">(), values, tolerance, name);
}

/** Asserts that two arrays agree to `tolerance`, relative to values above 1. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
    assert.ok(distance <= tolerance, `${what}[${i}]: ${actual[i]} instead of ${expected[i]}`);
  }
}
