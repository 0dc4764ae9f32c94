/**
 * Eigenvectors of small symmetric matrices.
 *
 * @module
 */

/** Eigenvalues, largest first, with their unit eigenvectors. */
export interface Eigen {
  /** Shape [P]. */
  readonly values: Float64Array;
  /** Shape [P, P], row-major: row i belongs to value i. */
  readonly vectors: Float64Array;
}

/** Sweeps after which convergence, quadratic at the end, is certain. */
const MAX_SWEEPS = 50;

/**
 * Diagonalises a symmetric matrix by Jacobi rotations (Golub and Van Loan 2013, Section 8.5).
 *
 * @param matrix Shape [P, P], symmetric; P is small, as time grows with its cube.
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const a = matrix.slice();
  const vectors = Float64Array.from({ length: a.length }, (_, i) => i % (size + 1) === 0 ? 1 : 0);
  const total = Math.hypot(...a);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let outside = 0;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        outside = Math.max(outside, Math.abs(a[p * size + q]));
        rotate(a, vectors, size, p, q);
      }
    }
    if (outside <= total * Number.EPSILON) break;
  }
  const order = Array.from({ length: size }, (_, i) => i)
    .sort((i, j) => a[j * (size + 1)] - a[i * (size + 1)]);
  return {
    values: Float64Array.from(order, (i) => a[i * (size + 1)]),
    vectors: Float64Array.from(
      { length: a.length },
      (_, i) => vectors[order[Math.floor(i / size)] * size + i % size],
    ),
  };
}

/** Makes entry [p, q] zero: A <- J A J^T, and the same rotation of the eigenvectors' rows. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const entry = a[p * size + q];
  if (entry === 0) return;
  const ratio = (a[q * (size + 1)] - a[p * (size + 1)]) / (2 * entry);
  const tangent = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  for (let i = 0; i < size; i++) rotatePair(a, i * size + p, i * size + q, cosine, sine);
  for (let i = 0; i < size; i++) rotatePair(a, p * size + i, q * size + i, cosine, sine);
  for (let i = 0; i < size; i++) rotatePair(vectors, p * size + i, q * size + i, cosine, sine);
}

function rotatePair(a: Float64Array, i: number, j: number, cosine: number, sine: number): void {
  const x = a[i], y = a[j];
  a[i] = cosine * x - sine * y;
  a[j] = sine * x + cosine * y;
}
