/**
 * The weights of Pillow's bilinear resize along one axis, in its fixed-point format.
 *
 * Source: `precompute_coeffs` and `normalize_coeffs_8bpc` in Pillow's `Resample.c`. The filter is a
 * triangle whose half-width is one input pixel, or one output pixel where that is larger.
 *
 * @module
 */

/** Fractional bits of a weight: 32 less 8 for the pixel and 2 that Pillow keeps in reserve. */
export const WEIGHT_BITS = 22;

/** Fractional bits of a coarse weight. */
const COARSE_BITS = 8;

/**
 * Output i along an axis is
 * `(sum over k < count of weights[i * count + k] * input[first[i] + k] + 2^21) >> 22`.
 * No clipping is needed: the weights are positive and sum to 1 within rounding.
 */
export interface Taps {
  /** The number of inputs an output is made of, the same for all outputs. */
  readonly count: number;
  /** The first input of each output. */
  readonly first: Int32Array;
  /** The weights, `count` an output. */
  readonly weights: Int32Array;
  /**
   * The weights without the bits that are zero in all of them, where an output is made of two
   * inputs and 8 fractional bits are enough, as in enlargements to 16, 32, 64 or 128 pixels.
   */
  readonly coarse: Int32Array | null;
}

/**
 * Computes the taps that map `inputSize` pixels on `outputSize` pixels.
 *
 * @param inputSize At least 1.
 * @param outputSize At least 1.
 */
export function bilinearTaps(inputSize: number, outputSize: number): Taps {
  const scale = inputSize / outputSize;
  const support = Math.max(scale, 1);
  const rows = Array.from({ length: outputSize }, (_, output) => {
    const center = (output + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(inputSize, Math.trunc(center + support + 0.5));
    return { start, weights: triangle(start, end, center, 1 / support) };
  });
  const count = Math.max(...rows.map((row) => row.weights.length));
  const first = new Int32Array(outputSize);
  const weights = new Int32Array(outputSize * count);
  rows.forEach((row, output) => {
    // Outputs at the borders have fewer inputs: zeros on the inner side make up the number.
    first[output] = Math.min(row.start, inputSize - count);
    weights.set(row.weights, output * count + row.start - first[output]);
  });
  return { count, first, weights, coarse: count === 2 ? coarseWeights(weights) : null };
}

function coarseWeights(weights: Int32Array): Int32Array | null {
  const shift = WEIGHT_BITS - COARSE_BITS;
  const coarse = weights.map((weight) => weight >> shift);
  return coarse.every((weight, i) => weight << shift === weights[i]) ? coarse : null;
}

/** The normalised weights of the inputs start to end - 1 under a triangle around `center`. */
function triangle(start: number, end: number, center: number, inverseSupport: number): number[] {
  const raw: number[] = [];
  for (let input = start; input < end; input++) {
    const distance = Math.abs((input - center + 0.5) * inverseSupport);
    raw.push(distance < 1 ? 1 - distance : 0);
  }
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => Math.trunc(0.5 + weight / sum * 2 ** WEIGHT_BITS));
}
