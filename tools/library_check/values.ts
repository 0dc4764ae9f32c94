/**
 * The numbers that operands are filled with: standard normal, of 8 bits where the library computes
 * with so few, so that the reference takes the same.
 *
 * @module
 */
import { RandomSource } from "../../lib/random/random.ts";
import type { Precision } from "./case.ts";

/** A prime, so that rows of equal length do not hold equal numbers. */
const POOL_LENGTH = 65_537;

const pools = new Map<Precision, Float32Array>();

/** Makes the operands of a case one after the other, none like the one before. */
export class Values {
  readonly #pool: Float32Array;
  #next = 0;

  constructor(precision: Precision) {
    let pool = pools.get(precision);
    if (pool === undefined) pools.set(precision, pool = makePool(precision));
    this.#pool = pool;
  }

  /** As many numbers as the shape needs. */
  take(shape: readonly number[]): Float32Array {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    for (let filled = 0; filled < values.length;) {
      const part = this.#pool.subarray(this.#next, this.#next + values.length - filled);
      values.set(part, filled);
      filled += part.length;
      this.#next = (this.#next + part.length) % POOL_LENGTH;
    }
    return values;
  }
}

function makePool(precision: Precision): Float32Array {
  const stream = new RandomSource(0).stream("operands");
  const values = Float32Array.from({ length: POOL_LENGTH }, () => stream.normal());
  if (precision === "bfloat16") {
    const bits = new Uint32Array(values.buffer);
    bits.forEach((word, i) => bits[i] = word & 0xffff0000);
  }
  return values;
}
