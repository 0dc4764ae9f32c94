/**
 * Named random streams: every draw of the pipeline comes from a stream that is named by its purpose
 * and a few integers (a sample, a view, an epoch). A stream depends on its name and the seed alone,
 * so results are the same in any order, on any number of workers and for any batch size.
 *
 * @example
 * ```ts
 * const random = new RandomSource(42);
 * const flip = random.stream("augment", 7, 3).uniform() < 0.5; // sample 7, view 3
 * ```
 *
 * @module
 */
import { philox } from "./philox.ts";

const TWO_POW_32 = 2 ** 32;
const WORDS_PER_BLOCK = 4;
/** A counter has four words: one numbers the stream's blocks, these many name the stream. */
const MAX_COUNTERS = 3;

/** The root of all streams of one seed. */
export class RandomSource {
  /** The seed, as given. */
  readonly seed: number;
  readonly #keys: Map<string, Uint32Array>[] = [];

  /**
   * @param seed An integer from 0 to 2^53 - 1.
   * @throws {RangeError} If the seed is anything else.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(
        `Cannot create a RandomSource as 'seed' must be an integer from 0 to 2^53 - 1: ` +
          `current value is ${seed}`,
      );
    }
    this.seed = seed;
    for (let count = 0; count <= MAX_COUNTERS; count++) this.#keys.push(new Map());
  }

  /**
   * Starts the stream of a name. Streams of different names are independent, and so are those whose
   * numbers of counters differ. The purpose is hashed once; then this costs one small allocation.
   *
   * @param purpose What the numbers are for, such as "augment".
   * @param counters Up to three integers from 0 to 2^32 - 1, such as the sample and the view.
   * @throws {RangeError} If there are more counters, or one of them is out of range.
   */
  stream(purpose: string, ...counters: number[]): RandomStream {
    if (counters.length > MAX_COUNTERS) {
      throw new RangeError(
        `Cannot start the stream '${purpose}' as at most ${MAX_COUNTERS} counters can name it: ` +
          `current value is [${counters}]`,
      );
    }
    for (const counter of counters) {
      if (counter !== counter >>> 0) {
        throw new RangeError(
          `Cannot start the stream '${purpose}' as each counter must be an integer from 0 to ` +
            `2^32 - 1: current value is [${counters}]`,
        );
      }
    }
    const keys = this.#keys[counters.length];
    let key = keys.get(purpose);
    if (key === undefined) {
      key = purposeKey(this.seed, purpose, counters.length);
      keys.set(purpose, key);
    }
    return new RandomStream(key, counters);
  }
}

/**
 * Hashes a purpose to a Philox key: the text's bytes are chained through Philox under the seed as
 * key, and a last block with the length and the number of counters closes the chain.
 */
function purposeKey(seed: number, purpose: string, counterCount: number): Uint32Array {
  const bytes = new TextEncoder().encode(purpose);
  const low = seed % TWO_POW_32;
  const high = Math.floor(seed / TWO_POW_32);
  const state = new Uint32Array(WORDS_PER_BLOCK);
  for (let start = 0; start < bytes.length; start += 16) {
    bytes.subarray(start, start + 16).forEach((byte, i) => state[i >> 2] ^= byte << (8 * (i & 3)));
    philox(state, low, high);
  }
  state[0] ^= bytes.length;
  state[1] ^= counterCount;
  philox(state, low, high);
  return state.slice(0, 2);
}

/** A reproducible sequence of random numbers; made by {@link RandomSource.stream}. */
export class RandomStream {
  readonly #key: Uint32Array;
  readonly #counters: readonly number[];
  readonly #block = new Uint32Array(WORDS_PER_BLOCK);
  #position = 0;

  /** Not for direct use: {@link RandomSource.stream} derives the key from a name. */
  constructor(key: Uint32Array, counters: readonly number[]) {
    this.#key = key;
    this.#counters = counters;
  }

  /** The number of 32-bit words drawn so far. With the stream's name it is the whole state. */
  get position(): number {
    return this.#position;
  }

  /**
   * Moves to a position that was read before, in constant time.
   *
   * @param position The number of 32-bit words to count as drawn, from 0 to 2^34.
   * @throws {RangeError} If the position is out of range.
   */
  seek(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > WORDS_PER_BLOCK * TWO_POW_32) {
      throw new RangeError(
        `Cannot seek in a stream as 'position' must be an integer from 0 to 2^34: ` +
          `current value is ${position}`,
      );
    }
    this.#position = position;
    if (position % WORDS_PER_BLOCK !== 0) this.#fill();
  }

  /** An integer, uniform on [0, 2^32). */
  uint32(): number {
    const word = this.#position % WORDS_PER_BLOCK;
    if (word === 0) this.#fill();
    this.#position++;
    return this.#block[word];
  }

  /** A number, uniform on the multiples of 2^-32 in [0, 1). */
  uniform(): number {
    return this.uint32() / TWO_POW_32;
  }

  /** A number, uniform on [low, high). */
  uniformBetween(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /**
   * An integer, uniform on [0, bound) without bias: words beyond the last multiple of the bound are
   * drawn again.
   *
   * @param bound An integer from 1 to 2^32.
   * @throws {RangeError} If the bound is anything else.
   */
  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_POW_32) {
      throw new RangeError(
        `Cannot draw an integer as 'bound' must be an integer from 1 to 2^32: ` +
          `current value is ${bound}`,
      );
    }
    const limit = TWO_POW_32 - TWO_POW_32 % bound;
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % bound;
  }

  /** A standard normal number, by the Box-Muller transform; its magnitude is at most 6.67. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The integers 0 to n - 1 in uniformly random order. */
  permutation(n: number): Int32Array<ArrayBuffer> {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.shuffle(order);
    return order;
  }

  /** Puts an array in uniformly random order, in place (Fisher-Yates). */
  shuffle(array: { readonly length: number; [index: number]: unknown }): void {
    for (let last = array.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [array[last], array[other]] = [array[other], array[last]];
    }
  }

  /** Computes the block that holds the word at the current position. */
  #fill(): void {
    const number = Math.floor(this.#position / WORDS_PER_BLOCK);
    if (number >= TWO_POW_32) {
      throw new RangeError(
        `Cannot draw from a stream as it holds 2^34 words: current position is ` +
          `${this.#position}. Name several streams by a counter instead`,
      );
    }
    const block = this.#block;
    const counters = this.#counters;
    block[0] = number;
    block[1] = counters.length > 0 ? counters[0] : 0;
    block[2] = counters.length > 1 ? counters[1] : 0;
    block[3] = counters.length > 2 ? counters[2] : 0;
    philox(block, this.#key[0], this.#key[1]);
  }
}
