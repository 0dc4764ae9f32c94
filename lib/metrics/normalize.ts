/**
 * Rows scaled to unit length, as the K-NN probe compares them.
 *
 * @module
 */
import type { Matrix } from "./matrix.ts";

/**
 * The factor that scales each row to length 1; 0 for a row of zeros, which stays as it is.
 *
 * @param source Shape [N, D], finite.
 * @returns Shape [N].
 * @throws {RangeError} If a value is not finite, naming its row and column.
 */
export function rowScales({ values, rows, columns }: Matrix): Float64Array {
  const scales = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = row * columns, end = i + columns; i < end; i++) sum += values[i] * values[i];
    if (!Number.isFinite(sum)) throw notFinite(values.subarray(row * columns), row);
    scales[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  }
  return scales;
}

/**
 * Multiplies each row by its factor.
 *
 * @param source Shape [N, D].
 * @param scales Shape [N].
 * @returns Shape [N, D], new.
 */
export function scaleRows({ values, rows, columns }: Matrix, scales: Float64Array): Float32Array {
  const scaled = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const scale = scales[row];
    for (let i = row * columns, end = i + columns; i < end; i++) scaled[i] = values[i] * scale;
  }
  return scaled;
}

function notFinite(row: Float32Array, rowIndex: number): RangeError {
  const column = row.findIndex((value) => !Number.isFinite(value));
  return new RangeError(
    `Cannot scale rows to unit length as every value must be finite: current value is ` +
      `${row[column]} at row ${rowIndex}, column ${column}; look for a diverged training run`,
  );
}
