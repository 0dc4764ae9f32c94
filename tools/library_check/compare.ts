/**
 * Comparing what the library computed with the reference.
 *
 * @module
 */
import type { Precision } from "./case.ts";
import type { Reference } from "./reference.ts";

/**
 * Products that comparing one tensor may take: of larger tensors, elements spread over the whole are
 * compared, the first and the last among them.
 */
const MOST_PRODUCTS = 200_000;
/** Not a divisor of usual lengths, so that a sample meets every channel and every edge. */
const GOLDEN_RATIO = 0.6180339887498949;

/**
 * How far values may be from the reference, relative to the size of what was summed up: float32 has
 * 24 bits, of which long sums and Winograd's transformations lose a few; bfloat16 has 8. A product
 * that is missing from a sum of a thousand is further off in float32, one of a hundred in bfloat16.
 */
export const TOLERANCE: Readonly<Record<Precision, number>> = { float32: 5e-6, bfloat16: 8e-3 };

/** The largest deviation of the compared elements, relative to the size of their sums. */
export function deviation(values: ArrayLike<number>, reference: Reference): number {
  const length = reference.shape.reduce((product, side) => product * side, 1);
  if (values.length !== length) return Infinity;
  const count = Math.min(length, Math.max(2, Math.floor(MOST_PRODUCTS / reference.terms)));
  let worst = 0;
  for (let i = 0; i < count; i++) {
    const index = count === length ? i : i === 0 ? length - 1 : spread(i - 1, length);
    const { value, size } = reference.element(index);
    const difference = Math.abs(values[index] - value);
    // A value that is not a number is further off than any.
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference / (size || 1));
  }
  return worst;
}

/** The places 0, 1, 2, ... of an evenly spread sequence. */
function spread(i: number, length: number): number {
  return Math.floor((i * GOLDEN_RATIO) % 1 * length);
}
