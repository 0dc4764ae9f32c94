/**
 * The golden values of the operations, made by tests/golden/tensorflow/make_ops.py.
 *
 * @module
 */
import golden from "../golden/tensorflow/ops.json" with { type: "json" };

/** An array of the golden file. */
export interface GoldenArray {
  readonly shape: number[];
  readonly values: Float32Array;
}

const arrays = golden.arrays as Record<string, { shape: number[]; data: string }>;

/** The array of a name. */
export function goldenArray(name: string): GoldenArray {
  const { shape, data } = arrays[name];
  return { shape, values: new Float32Array(Uint8Array.fromBase64(data).buffer) };
}

/** The cases whose name starts with `prefix`, without the names of their arrays. */
export function goldenCases(prefix: string): string[] {
  const names = Object.keys(arrays).filter((name) => name.startsWith(prefix));
  return [...new Set(names.map((name) => name.slice(0, name.lastIndexOf("/"))))];
}
