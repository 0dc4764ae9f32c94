/** Reads the golden values of tests/golden/nn. */
import { tableFromIPC } from "apache-arrow";

/** One golden tensor. */
export interface Golden {
  readonly name: string;
  readonly shape: number[];
  readonly values: Float32Array;
  /**
   * How far PyTorch's own float32 is from `values`, which are computed in float64: as a fraction of
   * the largest value, for the worst tensor of this kind.
   */
  readonly error: number;
}

const FOLDER = new URL("../golden/nn/", import.meta.url);

/** The golden tensors of a case, by name. */
export function goldenCase(wanted: string): Map<string, Golden> {
  const table = tableFromIPC(Deno.readFileSync(new URL("parity.arrow", FOLDER)));
  const tensors = new Map<string, Golden>();
  for (const row of table) {
    if (row.case !== wanted) continue;
    tensors.set(row.name, {
      name: row.name,
      shape: [...row.shape],
      values: Float32Array.from(row.value),
      error: row.error,
    });
  }
  return tensors;
}

/** Names and shapes of a full-size encoder's parameters, in PyTorch's order. */
export function goldenArchitecture(wanted: string): { name: string; shape: number[] }[] {
  const table = tableFromIPC(Deno.readFileSync(new URL("architectures.arrow", FOLDER)));
  return [...table].filter((row) => row.case === wanted)
    .map((row) => ({ name: row.name, shape: [...row.shape] }));
}

/**
 * Asserts that values are as near to the exact ones as float32 arithmetic brings them: within
 * 16 times PyTorch's own float32 error (other kernels add in another order, and the worst of a few
 * values is a noisy measure; 7 times was seen) plus two units in the last place of the largest
 * value (what storing both in float32 may cost). For most tensors this is about 1e-5 of the largest
 * value; a wrong formula is off by 1e-3 and more.
 */
export function assertAsExactAsTorch(actual: ArrayLike<number>, golden: Golden): void {
  if (actual.length !== golden.values.length) {
    throw new Error(
      `${golden.name}: ${actual.length} values where ${golden.values.length} are due`,
    );
  }
  const largest = golden.values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const tolerance = largest * (16 * golden.error + 2 ** -22);
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - golden.values[i]);
    if (!(difference <= tolerance)) {
      throw new Error(
        `${golden.name}[${i}] is ${actual[i]} where PyTorch has ${golden.values[i]}: ` +
          `${difference} apart, allowed ${tolerance}`,
      );
    }
  }
}
