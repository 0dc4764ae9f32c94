/**
 * Convolutions, their gradients and matrix products by plain loops in double precision, one element
 * at a time, so that of a large result a sample can be had.
 *
 * Letters: N images, S side of the images, P of the results, K of the filter; C input and O output
 * channels.
 *
 * @module
 */
import type { Convolution, Product } from "./case.ts";

/** A sum of products, and the sum of their sizes, against which rounding errors are measured. */
export interface Sum {
  readonly value: number;
  readonly size: number;
}

/** A tensor of which every element can be computed by itself. */
export interface Reference {
  readonly shape: readonly number[];
  /** Products in the longest of the elements' sums. */
  readonly terms: number;
  /** The element at a place in row-major order. */
  element(index: number): Sum;
}

/** Where a convolution's filter meets the images. */
export interface Geometry {
  /** P. */
  readonly side: number;
  /** Rows of zeros above the images, and columns to their left. */
  readonly before: number;
}

/** TensorFlow's SAME (zeros for ceil(S / stride) results, the odd one behind) and VALID. */
export function paddedAsTensorFlow({ side, kernel, stride, padding }: Convolution): Geometry {
  if (padding === "VALID") return { side: Math.floor((side - kernel) / stride) + 1, before: 0 };
  const results = Math.ceil(side / stride);
  const zeros = Math.max(0, (results - 1) * stride + kernel - side);
  return { side: results, before: Math.floor(zeros / 2) };
}

/** PyTorch's padding: `zeros` on every side. */
export function paddedAllRound({ side, kernel, stride }: Convolution, zeros: number): Geometry {
  return { side: Math.floor((side + 2 * zeros - kernel) / stride) + 1, before: zeros };
}

/** A convolution's operands: x [N,S,S,C], filter [K,K,C,O] and the gradient dy [N,P,P,O]. */
export interface Operands {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly dy: Float32Array;
}

/** The result [N,P,P,O] and the gradients of x and filter, in this order. */
export function referenceConvolution(
  { images: N, side: S, inputs: C, outputs: O, kernel: K, stride }: Convolution,
  { side: P, before }: Geometry,
  { x, filter, dy }: Operands,
): [Reference, Reference, Reference] {
  const xAt = (n: number, row: number, column: number, c: number) =>
    row < 0 || column < 0 || row >= S || column >= S ? 0 : x[((n * S + row) * S + column) * C + c];
  const filterAt = (k: number, l: number, c: number, o: number) =>
    filter[((k * K + l) * C + c) * O + o];
  const dyAt = (n: number, p: number, q: number, o: number) => dy[((n * P + p) * P + q) * O + o];
  const forward = tensor([N, P, P, O], K * K * C, ([n, p, q, o], add) => {
    for (let k = 0; k < K; k++) {
      for (let l = 0; l < K; l++) {
        const [row, column] = [p * stride + k - before, q * stride + l - before];
        for (let c = 0; c < C; c++) add(xAt(n, row, column, c), filterAt(k, l, c, o));
      }
    }
  });
  const input = tensor([N, S, S, C], K * K * O, ([n, row, column, c], add) => {
    for (let k = 0; k < K; k++) {
      for (let l = 0; l < K; l++) {
        const [p, q] = [(row + before - k) / stride, (column + before - l) / stride];
        if (!isPlace(p, P) || !isPlace(q, P)) continue;
        for (let o = 0; o < O; o++) add(dyAt(n, p, q, o), filterAt(k, l, c, o));
      }
    }
  });
  const gradient = tensor([K, K, C, O], N * P * P, ([k, l, c, o], add) => {
    for (let n = 0; n < N; n++) {
      for (let p = 0; p < P; p++) {
        const row = p * stride + k - before;
        for (let q = 0; q < P; q++) {
          add(xAt(n, row, q * stride + l - before, c), dyAt(n, p, q, o));
        }
      }
    }
  });
  return [forward, input, gradient];
}

/** The products of `left` and `right`, stored as the case says: [batch,rows,columns]. */
export function referenceProduct(
  { batch, rows, inner, columns, transposed }: Product,
  left: Float32Array,
  right: Float32Array,
): Reference {
  const leftAt = (b: number, row: number, i: number) =>
    left[transposed === "left" ? (b * inner + i) * rows + row : (b * rows + row) * inner + i];
  const rightAt = (b: number, i: number, column: number) =>
    right[
      transposed === "right"
        ? (b * columns + column) * inner + i
        : (b * inner + i) * columns + column
    ];
  return tensor([batch, rows, columns], inner, ([b, row, column], add) => {
    for (let i = 0; i < inner; i++) add(leftAt(b, row, i), rightAt(b, i, column));
  });
}

function isPlace(position: number, count: number): boolean {
  return Number.isInteger(position) && position >= 0 && position < count;
}

function tensor(
  shape: readonly number[],
  terms: number,
  sum: (place: number[], add: (a: number, b: number) => void) => void,
): Reference {
  return {
    shape,
    terms,
    element(index) {
      let [value, size] = [0, 0];
      sum(placeOf(index, shape), (a, b) => {
        value += a * b;
        size += Math.abs(a * b);
      });
      return { value, size };
    },
  };
}

/** The coordinates of a place in row-major order. */
function placeOf(index: number, shape: readonly number[]): number[] {
  const place = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = index % shape[axis];
    index = Math.floor(index / shape[axis]);
  }
  return place;
}
