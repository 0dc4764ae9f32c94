/**
 * How coarsely a matrix product rounds its operands: by the last of 24 bits in single precision, by
 * the last of 11 where a GPU multiplies in TF32.
 *
 * @module
 */
import type { MatMul } from "./matrix.ts";

/** Side of the square matrices; GPUs take other kernels for much smaller ones. */
const SIDE = 128;
/** Bits of a single-precision number after the leading one. */
const MANTISSA_BITS = 23;

const measured = new WeakMap<MatMul, Promise<number>>();

/**
 * The largest relative error that the product makes of one operand, in [0, 1): 0 in single
 * precision. Measured when a product is first asked about.
 */
export function productRounding(matMul: MatMul): Promise<number> {
  const known = measured.get(matMul) ?? measure(matMul);
  measured.set(matMul, known);
  return known;
}

async function measure(matMul: MatMul): Promise<number> {
  const values = hardValues();
  const [hard, ones] = [diagonal(values), diagonal(values.map(() => 1))];
  const shape = { m: SIDE, k: SIDE, n: SIDE };
  const errors: number[] = [];
  for (const [a, b] of [[hard, ones], [ones, hard]]) {
    const products = await matMul(a, b, shape);
    values.forEach((value, i) => errors.push(Math.abs(products[i * (SIDE + 1)] / value - 1)));
  }
  return Math.max(...errors);
}

/**
 * Numbers of which one is the worst for every number of bits and way of rounding: halfway between
 * two that can be represented, just below, and the last before the next that can be.
 */
function hardValues(): Float32Array {
  const last = 2 ** -MANTISSA_BITS;
  return Float32Array.from({ length: SIDE }, (_, i) => {
    const bit = 2 ** -(1 + i % MANTISSA_BITS);
    return 1 + (i < SIDE / 2 ? bit : bit - last);
  });
}

function diagonal(values: Float32Array): Float32Array {
  const matrix = new Float32Array(SIDE * SIDE);
  values.forEach((value, i) => matrix[i * (SIDE + 1)] = value);
  return matrix;
}
