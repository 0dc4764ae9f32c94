/**
 * Normalised invariance of a layer (paper, Eq. 2 and Appendix D.3): how far two views of a sample
 * lie apart, relative to how far different samples lie apart. 0 means invariant, 1 means that the
 * views of a sample are as different as different samples.
 *
 * The paper's formula cannot be told from its text to use the norm or the squared norm: both are
 * computed, and the norm is the default reading.
 *
 * @module
 */
import type { RandomStream } from "../random/random.ts";
import { matMul as defaultMatMul } from "./mat_mul.ts";
import { type MatMul, type Matrix, sliceRows } from "./matrix.ts";

/** Rows of a block of the matrix of all distances (4 MiB). */
const BLOCK_ROWS = 1024;

/** A layer's activations q for the same N samples, row by row; each has shape [N, D]. */
export interface LayerActivations {
  /** q(x): the samples themselves. */
  readonly originals: Matrix;
  /** q(T1 x): a random view of each. */
  readonly first: Matrix;
  /** q(T2 x): another, independent random view of each. */
  readonly second: Matrix;
}

/** Settings of {@link normalizedInvariance}. */
export interface InvarianceOptions {
  /**
   * The samples x' that the denominator of a sample averages over: all others, or this many
   * others, drawn with replacement from the stream. @default {"all"}
   */
  partners?: "all" | { readonly count: number; readonly stream: RandomStream };
  /** Computes A B^T, for `partners: "all"`. @default {matMul of mat_mul.ts} */
  matMul?: MatMul;
}

/** One reading of Eq. 2. */
export interface Invariance {
  /** I(x; q, T) of each sample, shape [N]. */
  readonly perSample: Float64Array;
  /** The average over the samples. */
  readonly mean: number;
}

/** Both readings of Eq. 2. */
export interface InvarianceResult {
  /** E |q(T1 x) - q(T2 x)| / E |q(x) - q(x')|. */
  readonly norm: Invariance;
  /** E |q(T1 x) - q(T2 x)|^2 / E |q(x) - q(x')|^2. */
  readonly squaredNorm: Invariance;
}

/**
 * Computes the normalised invariance of one layer. With one pair of views per sample, the average over
 * the samples estimates the paper's; more pairs are more rows.
 *
 * Where all samples have the same activations (a collapsed layer), the quotient is Infinity, or NaN
 * if the views coincide as well: the measure is undefined there, and says so.
 *
 * @throws {RangeError} If the shapes differ or there are fewer than two samples.
 */
export async function normalizedInvariance(
  activations: LayerActivations,
  options: InvarianceOptions = {},
): Promise<InvarianceResult> {
  requireEqualShapes(activations);
  const { originals, first, second } = activations;
  const { partners = "all", matMul = defaultMatMul } = options;
  const spread = partners === "all"
    ? await allPairs(originals, matMul)
    : samplePairs(originals, partners.count, partners.stream);
  const squared = Float64Array.from(
    { length: first.rows },
    (_, row) => squaredDistance(first, row, second, row),
  );
  return {
    norm: ratios(squared.map(Math.sqrt), spread.norm),
    squaredNorm: ratios(squared, spread.squaredNorm),
  };
}

/** For each sample the mean (squared) distance to other samples, shape [N]. */
interface Spread {
  readonly norm: Float64Array;
  readonly squaredNorm: Float64Array;
}

/**
 * Averages over all other samples. Squared distances add up in closed form; distances need the
 * matrix of all inner products, block by block, of the centred rows: centring changes no distance,
 * but keeps a common offset from eating the digits.
 */
async function allPairs(originals: Matrix, matMul: MatMul): Promise<Spread> {
  const { rows, columns } = originals;
  const centred = centre(originals);
  const lengths = squaredLengths(centred);
  const totalLength = lengths.reduce((sum, length) => sum + length, 0);
  const norm = new Float64Array(rows);
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    const a = sliceRows(centred, start, Math.min(start + BLOCK_ROWS, rows));
    for (let other = 0; other < rows; other += BLOCK_ROWS) {
      const b = sliceRows(centred, other, Math.min(other + BLOCK_ROWS, rows));
      const shape = { m: a.rows, k: columns, n: b.rows };
      const products = await matMul(a.values, b.values, shape);
      addDistances(norm, products, lengths, start, other, b.rows);
    }
  }
  return {
    norm: norm.map((sum) => sum / (rows - 1)),
    squaredNorm: lengths.map((length) => (rows * length + totalLength) / (rows - 1)),
  };
}

/** Adds the distances of a block of products to the sums of the samples `start` and on. */
function addDistances(
  sums: Float64Array,
  products: Float32Array,
  lengths: Float64Array,
  start: number,
  other: number,
  width: number,
): void {
  for (let i = 0; i < products.length; i++) {
    const row = start + Math.floor(i / width);
    const column = other + i % width;
    if (row === column) continue;
    // Rounding may leave the square of a tiny distance below zero.
    sums[row] += Math.sqrt(Math.max(0, lengths[row] + lengths[column] - 2 * products[i]));
  }
}

/** Averages over `count` other samples, drawn with replacement. */
function samplePairs(originals: Matrix, count: number, stream: RandomStream): Spread {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      `Cannot sample pairs as 'partners.count' must be a positive integer: ` +
        `current value is ${count}`,
    );
  }
  const norm = new Float64Array(originals.rows);
  const squaredNorm = new Float64Array(originals.rows);
  for (let row = 0; row < originals.rows; row++) {
    for (let draw = 0; draw < count; draw++) {
      const step = 1 + stream.integer(originals.rows - 1);
      const squared = squaredDistance(originals, row, originals, (row + step) % originals.rows);
      norm[row] += Math.sqrt(squared) / count;
      squaredNorm[row] += squared / count;
    }
  }
  return { norm, squaredNorm };
}

/** Subtracts the mean row. */
function centre({ values, rows, columns }: Matrix): Matrix {
  const mean = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) mean[i % columns] += values[i] / rows;
  return { values: values.map((value, i) => value - mean[i % columns]), rows, columns };
}

function squaredLengths({ values, rows, columns }: Matrix): Float64Array {
  const lengths = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let i = row * columns, end = i + columns; i < end; i++) {
      lengths[row] += values[i] * values[i];
    }
  }
  return lengths;
}

function squaredDistance(a: Matrix, rowA: number, b: Matrix, rowB: number): number {
  const { columns } = a;
  let sum = 0;
  for (let c = 0; c < columns; c++) {
    const difference = a.values[rowA * columns + c] - b.values[rowB * columns + c];
    sum += difference * difference;
  }
  return sum;
}

function ratios(numerators: Float64Array, denominators: Float64Array): Invariance {
  const perSample = numerators.map((numerator, row) => numerator / denominators[row]);
  const mean = perSample.reduce((sum, ratio) => sum + ratio, 0) / perSample.length;
  return { perSample, mean };
}

function requireEqualShapes({ originals, first, second }: LayerActivations): void {
  const shapes = [originals, first, second].map(({ rows, columns }) => `[${rows}, ${columns}]`);
  if (shapes.some((shape) => shape !== shapes[0]) || originals.rows < 2) {
    throw new RangeError(
      `Cannot measure invariance as originals and both views must be equally many, at least two, ` +
        `rows of one layer: current value is ${shapes.join(", ")}`,
    );
  }
}
