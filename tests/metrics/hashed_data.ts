/**
 * Samples whose values are hashes of integers: the same, bit for bit, as those of
 * tests/golden/metrics/make_golden.py, without files.
 *
 * @module
 */
import { type Matrix, matrix } from "../../lib/metrics/matrix.ts";

/** Features are `offset + scale * (pull * centre of the class + noise)`, rounded to single precision. */
export interface HashedSetting {
  readonly classes: number;
  readonly columns: number;
  readonly pull: number;
  readonly scale: number;
  readonly offset: number;
}

/** Rows `first` to `first + count - 1` of the unending data set of a setting. */
export function hashedSamples(
  setting: HashedSetting,
  first: number,
  count: number,
): { labels: Int32Array; features: Matrix } {
  const { classes, columns, pull, scale, offset } = setting;
  const labels = Int32Array.from({ length: count }, (_, i) => hash(first + i) % classes);
  const features = Float32Array.from({ length: count * columns }, (_, i) => {
    const centre = uniform(1e9 + labels[Math.floor(i / columns)] * columns + i % columns);
    return offset + scale * (pull * centre + uniform(2e9 + first * columns + i));
  });
  return { labels, features: matrix(features, columns) };
}

/** Reads golden values. */
export function readGolden<T>(name: string): T {
  const url = new URL(`../golden/metrics/${name}.json`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(url));
}

/** The largest difference between entries of two sequences. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Array.from(a, (x, i) => Math.abs(x - b[i])).reduce((x, y) => Math.max(x, y), 0);
}

/** A multiple of 2^-23 in [-1, 1). */
function uniform(counter: number): number {
  return (hash(counter) >>> 8) / 2 ** 23 - 1;
}

/** The finaliser of MurmurHash3. */
function hash(counter: number): number {
  let h = counter >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
