/**
 * The counter-based random generator Philox 4x32 with 10 rounds: a keyed bijection of 128-bit
 * counters whose outputs pass every known battery of statistical tests. Any block of a stream can
 * be computed without the blocks before it, which makes results independent of order and workers.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
 * section 3.3; constants as in its reference implementation, Random123.
 *
 * @module
 */

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** The key schedule's increments: the golden ratio and the square root of 3, minus 1. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** The high 32 bits of the unsigned product a * b, as a signed integer. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * Encrypts one 128-bit counter.
 *
 * @param block The counter's four words, lowest first; replaced by the four random words.
 * @param key0 The key's low word.
 * @param key1 The key's high word.
 */
export function philox(block: Uint32Array, key0: number, key1: number): void {
  let x0 = block[0] | 0;
  let x1 = block[1] | 0;
  let x2 = block[2] | 0;
  let x3 = block[3] | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, x0);
    const high1 = multiplyHigh(MULTIPLIER_1, x2);
    const low0 = Math.imul(MULTIPLIER_0, x0);
    const low1 = Math.imul(MULTIPLIER_1, x2);
    x0 = high1 ^ x1 ^ k0;
    x1 = low1;
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  block[0] = x0;
  block[1] = x1;
  block[2] = x2;
  block[3] = x3;
}
