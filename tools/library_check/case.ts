/**
 * What the search asks of the library: one operation with its shapes.
 *
 * @module
 */

/** The type of the numbers that an operation takes and returns. */
export type Precision = "float32" | "bfloat16";

/** A convolution of square images and its gradients with respect to images and filter. */
export interface Convolution {
  readonly operation: "convolution";
  readonly precision: Precision;
  readonly images: number;
  /** Rows and columns of an image. */
  readonly side: number;
  /** Input channels. */
  readonly inputs: number;
  /** Output channels. */
  readonly outputs: number;
  /** Rows and columns of the filter. */
  readonly kernel: number;
  readonly stride: number;
  readonly padding: "SAME" | "VALID";
}

/** Products of `batch` pairs of matrices, [rows,inner] by [inner,columns]. */
export interface Product {
  readonly operation: "product";
  readonly precision: Precision;
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Which matrices are stored with their axes exchanged. */
  readonly transposed: "neither" | "left" | "right";
}

/** Anything that is asked. */
export type Case = Convolution | Product;

/** The names of the tensors that a case results in, in order. */
export const RESULTS = {
  convolution: ["forward", "input gradient", "filter gradient"],
  product: ["product"],
} as const;

/** A case in one line. */
export function describe(asked: Case): string {
  if (asked.operation === "product") {
    const { batch, rows, inner, columns, transposed, precision } = asked;
    const how = transposed === "neither" ? "" : `, ${transposed} transposed`;
    return `product ${batch} x [${rows},${inner}] by [${inner},${columns}]${how}, ${precision}`;
  }
  const { images, side, inputs, outputs, kernel, stride, padding, precision } = asked;
  return `convolution ${kernel}x${kernel} stride ${stride} ${padding} of ` +
    `[${images},${side},${side},${inputs}] to ${outputs} channels, ${precision}`;
}
