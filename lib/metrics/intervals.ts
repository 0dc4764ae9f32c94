/**
 * Confidence intervals and tests for accuracies. Two sources of chance are kept apart: which test
 * images were drawn (the bootstrap over images, given the trained networks) and which seed a run
 * had (Student's t over seeds, given the images). Neither covers the other.
 *
 * @module
 */
import type { RandomStream } from "../random/random.ts";
import { studentCentralQuantile } from "./student.ts";

/** A mean with a two-sided confidence interval. */
export interface Interval {
  /** The mean of what was observed. */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** The nominal coverage, in (0, 1). */
  readonly level: number;
  /** How many units were observed: images or seeds. */
  readonly count: number;
}

/** Settings of the bootstrap. */
export interface BootstrapOptions {
  /** @default {0.95} */
  level?: number;
  /** How often the units are resampled. @default {5000} */
  replicates?: number;
}

/**
 * The percentile bootstrap over test images (Efron and Tibshirani 1993, Section 13.3): how far the
 * accuracy of these very networks could differ on other test images.
 *
 * @param correctBySeed For each seed the correctness of every image, 0 or 1, shape [M]; an image is
 * resampled with its outcomes under all seeds.
 * @throws {RangeError} If there is no seed or no image, or the seeds' images differ in number.
 */
export function imageInterval(
  correctBySeed: readonly ArrayLike<number>[],
  stream: RandomStream,
  options: BootstrapOptions = {},
): Interval {
  const values = imageMeans(correctBySeed);
  return percentileInterval(values, resampledMeans(values, stream, options), options);
}

/**
 * Student's t interval for the mean over seeds.
 *
 * @param values One value per seed, at least two.
 * @param options.level The nominal coverage. @default {0.95}
 * @param options.range What the quantity can attain, such as 0 to 1 for a share. The interval is cut
 * there: a mean cannot lie beyond, so that it covers the truth as often as before.
 * @throws {RangeError} If there are fewer than two values.
 */
export function studentInterval(
  values: ArrayLike<number>,
  { level = 0.95, range = { low: -Infinity, high: Infinity } }: { level?: number; range?: Range } =
    {},
): Interval {
  const count = values.length;
  if (count < 2) {
    throw new RangeError(
      `Cannot compute an interval over seeds as it needs at least two: current value is ${count}`,
    );
  }
  const estimate = mean(values);
  const squares = Array.from(values, (value) => (value - estimate) ** 2);
  const error = Math.sqrt(mean(squares) / (count - 1));
  const reach = studentCentralQuantile(level, count - 1) * error;
  const low = Math.max(range.low, estimate - reach);
  const high = Math.min(range.high, estimate + reach);
  return { estimate, low, high, level, count };
}

/** A range of values. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A difference of means with its interval, and the test that it lies within a range. */
export interface BoundedDifference extends Interval {
  /**
   * One-sided, for the hypothesis that the difference lies on a bound, the larger of two where there
   * are two; small where it lies well within; at least 1 / (replicates + 1).
   */
  readonly pValue: number;
}

/**
 * The paired bootstrap of a difference a - b against a range: units are resampled with both of their
 * values, so that what is easy for both cancels. The p-value counts the resampled differences that,
 * centred at the bound, lie at least as far within as the observed one (Efron and Tibshirani 1993,
 * Section 16.4).
 *
 * @param a One value a unit, such as correctness, or its mean over seeds from {@link imageMeans}.
 * @param b The same units' other values.
 * @throws {RangeError} If there are none or their numbers differ.
 */
export function pairedWithin(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { low, high }: Range,
  stream: RandomStream,
  options: BootstrapOptions = {},
): BoundedDifference {
  const { means, interval } = pairedBootstrap(a, b, stream, options);
  const oneSided = (distance: number, sign: number) => {
    if (distance === Infinity) return 0;
    // Equal outcomes may differ by the order of their sums: they count as equally far out.
    const reach = distance - 1e-12;
    const extreme = means.filter((value) => sign * (value - interval.estimate) >= reach).length;
    return (1 + extreme) / (1 + means.length);
  };
  const pValue = Math.max(
    oneSided(interval.estimate - low, 1),
    oneSided(high - interval.estimate, -1),
  );
  return { ...interval, pValue };
}

function pairedBootstrap(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  stream: RandomStream,
  options: BootstrapOptions,
): { means: Float64Array; interval: Interval } {
  if (a.length !== b.length) {
    throw new RangeError(
      `Cannot compare paired values as both must have the same units: current value is ` +
        `${a.length} against ${b.length}`,
    );
  }
  const differences = Float64Array.from(a, (value, i) => value - b[i]);
  const means = resampledMeans(differences, stream, options);
  return { means, interval: percentileInterval(differences, means, options) };
}

/**
 * Adjusts p-values for their number, so that among those that are judged significant at a level the
 * expected share of false ones stays below it (Benjamini and Hochberg 1995): for tests that are
 * independent or, as those of one set of runs mostly are, positively dependent.
 *
 * @returns The adjusted p-values, in the order given.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  const count = pValues.length;
  const descending = pValues.map((_, i) => i).sort((i, j) => pValues[j] - pValues[i]);
  const adjusted = new Array<number>(count);
  let smallest = 1;
  descending.forEach((index, rank) => {
    smallest = Math.min(smallest, pValues[index] * count / (count - rank));
    adjusted[index] = smallest;
  });
  return adjusted;
}

/**
 * Each image's correctness averaged over the seeds, shape [M].
 *
 * @throws {RangeError} If there is no seed or the seeds' images differ in number.
 */
export function imageMeans(correctBySeed: readonly ArrayLike<number>[]): Float64Array {
  const images = correctBySeed[0]?.length ?? 0;
  if (correctBySeed.length === 0 || correctBySeed.some((seed) => seed.length !== images)) {
    throw new RangeError(
      `Cannot average over seeds as each must have the same images: current value is ` +
        `[${correctBySeed.map((seed) => seed.length)}] images`,
    );
  }
  return Float64Array.from(
    { length: images },
    (_, image) => mean(correctBySeed.map((seed) => seed[image])),
  );
}

/** The means of resamples with replacement, ascending. */
function resampledMeans(
  values: ArrayLike<number>,
  stream: RandomStream,
  { replicates = 5000 }: BootstrapOptions,
): Float64Array {
  const count = values.length;
  if (count === 0) {
    throw new RangeError("Cannot resample as there must be at least one value: current value is 0");
  }
  const means = new Float64Array(replicates);
  for (let replicate = 0; replicate < replicates; replicate++) {
    let sum = 0;
    for (let draw = 0; draw < count; draw++) sum += values[stream.integer(count)];
    means[replicate] = sum / count;
  }
  return means.sort();
}

function percentileInterval(
  values: ArrayLike<number>,
  means: Float64Array,
  { level = 0.95 }: BootstrapOptions,
): Interval {
  return {
    estimate: mean(values),
    low: quantile(means, (1 - level) / 2),
    high: quantile(means, (1 + level) / 2),
    level,
    count: values.length,
  };
}

/** The linearly interpolated quantile of ascending values, as NumPy's default. */
function quantile(ascending: Float64Array, probability: number): number {
  const position = probability * (ascending.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, ascending.length - 1);
  return ascending[below] + (position - below) * (ascending[above] - ascending[below]);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
