/**
 * Exact nearest neighbours of unit-length rows in bounded memory.
 *
 * A single-precision matrix product proposes, double precision decides: a product of blocks gives
 * every distance with a known error bound, and only the rows that this bound cannot rule out are
 * measured again, exactly. So the result does not depend on the product's implementation, near-ties
 * of collapsed embeddings included, at little more than the product's cost.
 *
 * @module
 */
import { matMul as defaultMatMul } from "./mat_mul.ts";
import { type MatMul, type Matrix, sliceRows } from "./matrix.ts";
import { rowScales, scaleRows } from "./normalize.ts";
import { productRounding } from "./product_rounding.ts";

/** Values in a block of rows (64 MiB), which bounds the memory at 65,536 columns. */
const BLOCK_VALUES = 2 ** 24;
/** Rows in a block at most, so that a product of two blocks has at most 64 MiB. */
const BLOCK_ROWS = 4096;
/** Half a unit in the last place of a single-precision number in [1, 2), relative. */
const SINGLE_ROUNDING = 2 ** -24;

/** Settings of {@link NeighbourSearch}. */
export interface NeighbourOptions {
  /** K, the number of neighbours of a query. @default {20} */
  neighbours?: number;
  /** For each query the index of the bank row that is not its neighbour (its own), shape [M]. */
  leftOut?: Int32Array;
  /** Computes A B^T. @default {matMul of mat_mul.ts} */
  matMul?: MatMul;
}

/** The K nearest bank rows of M queries, nearest first; equally near ones in the bank's order. */
export interface Neighbours {
  /** K. */
  readonly neighbours: number;
  /** Positions in the bank, shape [M, K]. */
  readonly indices: Int32Array;
  /** Squared Euclidean distances between the unit-length rows, in [0, 4], shape [M, K]. */
  readonly squaredDistances: Float64Array;
}

/**
 * Finds the nearest bank rows of a fixed set of queries while the bank streams by in blocks. Rows are
 * scaled to unit length (a row of zeros stays), so that Euclidean order is cosine order.
 *
 * @example
 * ```ts
 * const search = new NeighbourSearch(matrix(embeddings, 512));
 * for await (const block of bank) await search.add(block);
 * const { indices } = search.result();
 * ```
 */
export class NeighbourSearch {
  readonly #queries: Matrix;
  readonly #queryScales: Float64Array;
  readonly #count: number;
  readonly #leftOut: Int32Array | undefined;
  readonly #matMul: MatMul;
  #error = NaN;
  readonly #indices: Int32Array;
  readonly #squaredDistances: Float64Array;
  #bankRows = 0;

  /**
   * @param queries Shape [M, D], finite; read until the search ends.
   * @throws {RangeError} If K is not a positive integer, `leftOut` does not have M entries, or a
   * value is not finite.
   */
  constructor(queries: Matrix, options: NeighbourOptions = {}) {
    const { neighbours = 20, leftOut, matMul = defaultMatMul } = options;
    if (!Number.isInteger(neighbours) || neighbours < 1) {
      throw new RangeError(
        `Cannot search neighbours as 'neighbours' must be a positive integer: ` +
          `current value is ${neighbours}`,
      );
    }
    if (leftOut !== undefined && leftOut.length !== queries.rows) {
      throw new RangeError(
        `Cannot search neighbours as 'leftOut' must have one entry for each of the ` +
          `${queries.rows} queries: current value has ${leftOut.length}`,
      );
    }
    this.#queries = queries;
    this.#queryScales = rowScales(queries);
    this.#count = neighbours;
    this.#leftOut = leftOut;
    this.#matMul = matMul;
    this.#indices = new Int32Array(queries.rows * neighbours).fill(-1);
    this.#squaredDistances = new Float64Array(queries.rows * neighbours).fill(Infinity);
  }

  /**
   * Takes the bank's next rows; await it before the next call.
   *
   * @param bank Shape [N, D], finite.
   * @throws {RangeError} If D differs from the queries' or a value is not finite.
   * @throws {Error} If the matrix product is less accurate than single-precision sums are.
   */
  async add(bank: Matrix): Promise<void> {
    const queries = this.#queries;
    if (bank.columns !== queries.columns) {
      throw new RangeError(
        `Cannot search neighbours as bank and queries must have equally many columns: ` +
          `current value is [${bank.rows}, ${bank.columns}] against ` +
          `[${queries.rows}, ${queries.columns}]`,
      );
    }
    this.#error = productError(queries.columns, await productRounding(this.#matMul));
    const bankScales = rowScales(bank);
    const step = Math.min(BLOCK_ROWS, Math.max(1, Math.floor(BLOCK_VALUES / bank.columns)));
    for (let start = 0; start < bank.rows; start += step) {
      const end = Math.min(start + step, bank.rows);
      const block = makeBlock(bank, bankScales, start, end);
      for (let first = 0; first < queries.rows; first += step) {
        const last = Math.min(first + step, queries.rows);
        await this.#compare(makeBlock(queries, this.#queryScales, first, last), first, block);
      }
      this.#bankRows += end - start;
    }
  }

  /**
   * The neighbours among the rows added so far.
   *
   * @throws {RangeError} If fewer than K rows were there to choose from.
   */
  result(): Neighbours {
    const available = this.#bankRows - (this.#leftOut === undefined ? 0 : 1);
    if (available < this.#count) {
      throw new RangeError(
        `Cannot find ${this.#count} neighbours as the bank must have at least as many rows` +
          `${this.#leftOut === undefined ? "" : " beside the one left out"}: current value is ` +
          `${this.#bankRows} rows; lower 'neighbours'`,
      );
    }
    return {
      neighbours: this.#count,
      indices: this.#indices,
      squaredDistances: this.#squaredDistances,
    };
  }

  /** Updates the neighbours of a block of queries, whose first is query `first`, by a bank block. */
  async #compare(queries: Block, first: number, bank: Block): Promise<void> {
    const { rows: m, columns: k } = queries.source;
    const n = bank.source.rows;
    const products = await this.#matMul(queries.unit, bank.unit, { m, k, n });
    for (let row = 0; row < m; row++) {
      const own = this.#leftOut === undefined ? -1 : this.#leftOut[first + row] - this.#bankRows;
      this.#update(first + row, queries, row, bank, products.subarray(row * n, (row + 1) * n), own);
    }
  }

  /** Updates one query's neighbours; `own` is the row of the bank block that is left out. */
  #update(
    query: number,
    queries: Block,
    row: number,
    bank: Block,
    products: Float32Array,
    own: number,
  ): void {
    const count = this.#count;
    const distances = this.#squaredDistances.subarray(query * count, (query + 1) * count);
    const indices = this.#indices.subarray(query * count, (query + 1) * count);
    const error = this.#error;
    halfDistances(products, queries.scales[row] > 0 ? 0.5 : 0, bank.scales);
    const limit = candidateLimit(products, own, distances[count - 1] / 2, error, count);
    for (let j = 0; j < products.length; j++) {
      if (products[j] > limit || j === own) continue;
      const exact = squaredDistance(queries, row, bank, j);
      if (Math.abs(exact / 2 - products[j]) > error) {
        throw inaccurateProduct(exact / 2 - products[j], error);
      }
      insert(distances, indices, exact, this.#bankRows + j);
    }
  }
}

/** Some rows with their scales, and scaled to unit length in single precision. */
interface Block {
  readonly source: Matrix;
  readonly scales: Float64Array;
  readonly unit: Float32Array;
}

function makeBlock(source: Matrix, scales: Float64Array, start: number, end: number): Block {
  const rows = sliceRows(source, start, end);
  const rowScales = scales.subarray(start, end);
  return { source: rows, scales: rowScales, unit: scaleRows(rows, rowScales) };
}

/**
 * A bound on the error of the inner product of two unit-length rows of D values: rounding of both
 * operands, first by scaling and then by the product, and single-precision sums in blocks of about
 * sqrt(D) terms, as every fast product makes them, with a factor of 4 to spare. For up to 64 values
 * it holds for any order of summation.
 *
 * @param rounding What the product does to an operand; a coarse one has more rows measured again.
 */
function productError(columns: number, rounding: number): number {
  const sums = 2 + Math.min(columns, 8 * Math.sqrt(columns));
  return 2 * (SINGLE_ROUNDING + rounding) + SINGLE_ROUNDING * sums;
}

/** Turns inner products of a query with a bank block into half squared distances, in place. */
function halfDistances(products: Float32Array, halfQuery: number, bankScales: Float64Array): void {
  for (let j = 0; j < products.length; j++) {
    products[j] = halfQuery + (bankScales[j] > 0 ? 0.5 : 0) - products[j];
  }
}

/**
 * The approximate half distance above which a row cannot be among the `count` nearest: the rows
 * that define the limit, and those that compete, may each be off by `error`.
 *
 * @param worst The exact half distance of the worst neighbour so far.
 */
function candidateLimit(
  halves: Float32Array,
  own: number,
  worst: number,
  error: number,
  count: number,
): number {
  const nearest = new Float64Array(count).fill(worst - error);
  for (let j = 0; j < halves.length; j++) {
    if (halves[j] < nearest[count - 1] && j !== own) insertValue(nearest, halves[j]);
  }
  return nearest[count - 1] + 2 * error;
}

/** The exact squared distance between two rows scaled to unit length, in double precision. */
function squaredDistance(a: Block, rowA: number, b: Block, rowB: number): number {
  const { values: valuesA, columns } = a.source;
  const valuesB = b.source.values;
  const scaleA = a.scales[rowA], scaleB = b.scales[rowB];
  // Rounding of a unit row's length would order rows that are equally far from the origin.
  if (scaleA === 0 || scaleB === 0) return scaleA === scaleB ? 0 : 1;
  let sum = 0;
  for (let c = 0, p = rowA * columns, q = rowB * columns; c < columns; c++, p++, q++) {
    const difference = valuesA[p] * scaleA - valuesB[q] * scaleB;
    sum += difference * difference;
  }
  return sum;
}

/** Puts a value into an ascending array in place of its last one; the value is less than that. */
function insertValue(ascending: Float64Array, value: number): number {
  let position = ascending.length - 1;
  for (; position > 0 && ascending[position - 1] > value; position--) {
    ascending[position] = ascending[position - 1];
  }
  ascending[position] = value;
  return position;
}

/** Adds a neighbour if it is nearer than the last; an equally near, earlier one goes before it. */
function insert(
  distances: Float64Array,
  indices: Int32Array,
  distance: number,
  index: number,
): void {
  if (distance >= distances[distances.length - 1]) return;
  const position = insertValue(distances, distance);
  indices.copyWithin(position + 1, position, indices.length - 1);
  indices[position] = index;
}

function inaccurateProduct(difference: number, error: number): Error {
  return new Error(
    `Cannot rank neighbours as the matrix product must be accurate to ${error.toExponential(1)} ` +
      `for rows of unit length: current value is off by ${
        Math.abs(difference).toExponential(1)
      }, beyond the rounding of its operands; use another device`,
  );
}
