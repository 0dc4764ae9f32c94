/**
 * Having a case computed, and what it should result in.
 *
 * @module
 */
import type { Case, Convolution, Product } from "./case.ts";
import {
  type Geometry,
  type Reference,
  referenceConvolution,
  referenceProduct,
} from "./reference.ts";
import { Values } from "./values.ts";

/** A tensor of float32 on its way in. */
export interface Operand {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A tensor on its way out. */
export type Result = ArrayLike<number>;

/** Something that can compute cases. */
export interface Computer {
  /** How it pads the images of a convolution. */
  geometry(asked: Convolution): Geometry;
  /** The convolution of x by the filter, and the gradients of both under dy. */
  convolve(asked: Convolution, x: Operand, filter: Operand, dy: Operand): Result[];
  multiply(asked: Product, left: Operand, right: Operand): Result;
  /** Frees everything; what is damaged may end the process only then. */
  close(): void;
}

/** One tensor of a case. */
export interface Computed {
  readonly result: Result;
  readonly reference: Reference;
}

/** The tensors of a case, in the order of `RESULTS`. */
export function compute(computer: Computer, asked: Case): Computed[] {
  const values = new Values(asked.precision);
  const operand = (...shape: number[]) => ({ shape, values: values.take(shape) });
  if (asked.operation === "product") {
    const { batch, rows, inner, columns, transposed } = asked;
    const left = transposed === "left" ? operand(batch, inner, rows) : operand(batch, rows, inner);
    const right = transposed === "right"
      ? operand(batch, columns, inner)
      : operand(batch, inner, columns);
    const reference = referenceProduct(asked, left.values, right.values);
    return [{ result: computer.multiply(asked, left, right), reference }];
  }
  const { images, side, inputs, outputs, kernel } = asked;
  const geometry = computer.geometry(asked);
  const x = operand(images, side, side, inputs);
  const filter = operand(kernel, kernel, inputs, outputs);
  const dy = operand(images, geometry.side, geometry.side, outputs);
  const results = computer.convolve(asked, x, filter, dy);
  const operands = { x: x.values, filter: filter.values, dy: dy.values };
  return referenceConvolution(asked, geometry, operands)
    .map((reference, i) => ({ result: results[i], reference }));
}
