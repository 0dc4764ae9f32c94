/**
 * Features brought to mean 0 and standard deviation 1, column by column: a penalty on weights then
 * treats every feature alike, whatever its scale. Letters: N rows, D columns.
 *
 * @module
 */
import { type Matrix, matrix } from "./matrix.ts";

/** What is subtracted from each column, and what it is then divided by. */
export interface Standardization {
  /** Shape [D]. */
  readonly means: Float64Array;
  /** The standard deviations (divisor N), shape [D]; 1 for a column of one value. */
  readonly scales: Float64Array;
}

/** Of rounding errors, a column's variance relative to its mean square may have so much. */
const ROUNDING = 2 ** -52;

/**
 * Measures each column, as scikit-learn's `StandardScaler` does.
 *
 * @param source Shape [N, D], N at least 1.
 */
export function measureColumns({ values, rows, columns }: Matrix): Standardization {
  const means = new Float64Array(columns);
  const scales = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) means[i % columns] += values[i] / rows;
  for (let i = 0; i < values.length; i++) {
    scales[i % columns] += (values[i] - means[i % columns]) ** 2 / rows;
  }
  for (let c = 0; c < columns; c++) {
    const constant = scales[c] <= rows * ROUNDING * scales[c] + (rows * means[c] * ROUNDING) ** 2;
    scales[c] = constant ? 1 : Math.sqrt(scales[c]);
  }
  return { means, scales };
}

/** The columns of a matrix, standardised; shape [N, D], new. */
export function standardize(
  { values, columns }: Matrix,
  { means, scales }: Standardization,
): Matrix {
  const standard = values.map((value, i) => (value - means[i % columns]) / scales[i % columns]);
  return matrix(standard, columns);
}
