/**
 * Dense matrices as the measures take them, and the one product they need.
 *
 * @module
 */

/** Values [rows, columns] in row-major order: a row is a sample, its values are its features. */
export interface Matrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Computes A B^T for `a` [m, k] and `b` [n, k], both row-major: entry [i, j] of the result [m, n] is
 * the inner product of row i of `a` and row j of `b`. Injected where a backend has a fast one
 * (`runtimeMatMul`); the default is `matMul` of mat_mul.ts.
 */
export type MatMul = (
  a: Float32Array,
  b: Float32Array,
  shape: { m: number; k: number; n: number },
) => Float32Array | Promise<Float32Array>;

/**
 * Views values as a matrix, without a copy.
 *
 * @param values Row-major values, rows * columns of them.
 * @param columns The number of values per row, at least 1.
 * @throws {RangeError} If the values do not fill whole rows.
 */
export function matrix(values: Float32Array, columns: number): Matrix {
  if (!Number.isInteger(columns) || columns < 1 || values.length % columns !== 0) {
    throw new RangeError(
      `Cannot view values as a matrix as they must fill whole rows of at least one column: ` +
        `current value is ${values.length} values in ${columns} columns`,
    );
  }
  return { values, rows: values.length / columns, columns };
}

/**
 * The rows from `start` up to, not including, `end`, as a view without a copy.
 *
 * @param source Shape [N, D].
 * @returns Shape [end - start, D].
 */
export function sliceRows({ values, columns }: Matrix, start: number, end: number): Matrix {
  return {
    values: values.subarray(start * columns, end * columns),
    rows: end - start,
    columns,
  };
}
