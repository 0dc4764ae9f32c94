/**
 * Principal components: the picture of an embedding in the plane.
 *
 * @module
 */
import { RandomSource } from "../random/random.ts";
import { symmetricEigen } from "./eigen.ts";
import type { Matrix } from "./matrix.ts";

/** The leading components of N samples of D features. */
export interface PrincipalComponents {
  /** The samples' coordinates, shape [N, count], row-major. */
  readonly scores: Float64Array;
  /**
   * Unit vectors, shape [count, D]; the entry of largest magnitude of each is positive. Zero where
   * the data have fewer dimensions than that.
   */
  readonly directions: Float64Array;
  /** The share of the total variance along each direction, in [0, 1], shape [count]. */
  readonly explained: Float64Array;
}

/** Settings of {@link principalComponents}. */
export interface PcaOptions {
  /** The number of components. @default {2} */
  count?: number;
  /** The largest error of a direction's image, relative to the largest eigenvalue. @default {1e-9} */
  tolerance?: number;
  /** @default {1000} */
  maxIterations?: number;
}

/** Directions iterated beside the wanted ones; more of them converge in fewer iterations. */
const EXTRA_DIRECTIONS = 8;

/**
 * Finds the directions of largest variance by subspace iteration with Rayleigh-Ritz steps (Golub and
 * Van Loan 2013, Section 8.2.4), which needs no D x D matrix. The signs follow scikit-learn's `PCA`,
 * so that the same data make the same picture.
 *
 * @param data Shape [N, D], with N and D at least `count`.
 * @throws {RangeError} If there are fewer samples or features than components.
 */
export function principalComponents(data: Matrix, options: PcaOptions = {}): PrincipalComponents {
  const { count = 2, tolerance = 1e-9, maxIterations = 1000 } = options;
  const size = Math.min(count + EXTRA_DIRECTIONS, data.rows, data.columns);
  if (count > size) {
    throw new RangeError(
      `Cannot compute ${count} principal components as samples and features must be at least as ` +
        `many: current value is [${data.rows}, ${data.columns}]`,
    );
  }
  let basis = randomBasis(size, data.columns);
  let eigenvalues: Float64Array = new Float64Array(size);
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const scores = project(data, basis, size);
    const { values, vectors } = symmetricEigen(gram(scores, size), size);
    const images = combine(vectors, backProject(data, scores, size), data.columns);
    basis = combine(vectors, basis, data.columns);
    eigenvalues = values;
    if (residual(images, basis, values, count, data.columns) <= tolerance * values[0]) break;
    basis = orthonormalize(images, data.columns);
  }
  const directions = fixSigns(basis.slice(0, count * data.columns), data.columns);
  const variance = totalVariance(data);
  return {
    scores: project(data, directions, count),
    directions,
    explained: eigenvalues.slice(0, count).map((value) => variance > 0 ? value / variance : 0),
  };
}

function randomBasis(size: number, columns: number): Float64Array {
  const stream = new RandomSource(0).stream("principal components");
  return orthonormalize(
    Float64Array.from({ length: size * columns }, () => stream.normal()),
    columns,
  );
}

/** X Q^T of the centred data, shape [N, size]: centring the products centres the data. */
function project(
  { values, rows, columns }: Matrix,
  basis: Float64Array,
  size: number,
): Float64Array {
  const scores = new Float64Array(rows * size);
  const means = new Float64Array(size);
  for (let row = 0; row < rows; row++) {
    for (let p = 0; p < size; p++) {
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += values[row * columns + c] * basis[p * columns + c];
      scores[row * size + p] = sum;
      means[p] += sum / rows;
    }
  }
  for (let i = 0; i < scores.length; i++) scores[i] -= means[i % size];
  return scores;
}

/** Y^T X, shape [size, D]; as the columns of Y are centred, X need not be. */
function backProject(
  { values, rows, columns }: Matrix,
  scores: Float64Array,
  size: number,
): Float64Array {
  const images = new Float64Array(size * columns);
  for (let row = 0; row < rows; row++) {
    for (let p = 0; p < size; p++) {
      const score = scores[row * size + p];
      for (let c = 0; c < columns; c++) {
        images[p * columns + c] += score * values[row * columns + c];
      }
    }
  }
  return images;
}

/** Y^T Y, shape [size, size]. */
function gram(scores: Float64Array, size: number): Float64Array {
  const products = new Float64Array(size * size);
  for (let first = 0; first < scores.length; first += size) {
    for (let i = 0; i < size * size; i++) {
      products[i] += scores[first + Math.floor(i / size)] * scores[first + i % size];
    }
  }
  return products;
}

/** The rows of `basis` [size, D], combined by the rows of `weights` [size, size]. */
function combine(weights: Float64Array, basis: Float64Array, columns: number): Float64Array {
  const size = basis.length / columns;
  const result = new Float64Array(basis.length);
  for (let i = 0; i < size * size; i++) {
    const target = Math.floor(i / size) * columns, source = (i % size) * columns;
    for (let c = 0; c < columns; c++) result[target + c] += weights[i] * basis[source + c];
  }
  return result;
}

/** The largest |X^T X q - lambda q| over the wanted directions. */
function residual(
  images: Float64Array,
  basis: Float64Array,
  eigenvalues: Float64Array,
  count: number,
  columns: number,
): number {
  let largest = 0;
  for (let p = 0; p < count; p++) {
    let sum = 0;
    for (let i = p * columns; i < (p + 1) * columns; i++) {
      sum += (images[i] - eigenvalues[p] * basis[i]) ** 2;
    }
    largest = Math.max(largest, Math.sqrt(sum));
  }
  return largest;
}

/**
 * Gram-Schmidt, twice for full precision. A row that depends on those before it (data of low rank)
 * is left zero, and projects to nothing.
 */
function orthonormalize(rows: Float64Array, columns: number): Float64Array {
  const result = rows.slice();
  for (let start = 0; start < result.length; start += columns) {
    const row = result.subarray(start, start + columns);
    const before = norm(row);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < start; other += columns) {
        subtractProjection(row, result.subarray(other, other + columns));
      }
    }
    const length = norm(row);
    const scale = length > before * 1e-12 ? 1 / length : 0;
    for (let c = 0; c < columns; c++) row[c] *= scale;
  }
  return result;
}

function norm(row: Float64Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}

function subtractProjection(row: Float64Array, unit: Float64Array): void {
  let product = 0;
  for (let c = 0; c < row.length; c++) product += row[c] * unit[c];
  for (let c = 0; c < row.length; c++) row[c] -= product * unit[c];
}

function fixSigns(directions: Float64Array, columns: number): Float64Array {
  for (let start = 0; start < directions.length; start += columns) {
    const direction = directions.subarray(start, start + columns);
    const largest = direction.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a);
    if (largest < 0) direction.forEach((value, c) => direction[c] = -value);
  }
  return directions;
}

/** The sum of squares of the centred data. */
function totalVariance({ values, rows, columns }: Matrix): number {
  const means = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) means[i % columns] += values[i] / rows;
  return values.reduce((sum, value, i) => sum + (value - means[i % columns]) ** 2, 0);
}
