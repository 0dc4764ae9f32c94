/**
 * Confidence intervals and tests for accuracies. Two sources of chance are kept apart: which test
 * images were drawn (the bootstrap over images, given the trained networks) and which seed a run
 * had (the bootstrap or Student's t over seeds, given the images). Neither covers the other.
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

/** A difference of means with its interval and test. */
export interface Difference extends Interval {
  /** Two-sided, for the hypothesis of no difference; at least 1 / (replicates + 1). */
  readonly pValue: number;
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
  return bootstrap(imageMeans(correctBySeed), stream, options);
}

/**
 * The percentile bootstrap over seeds: how far the accuracy could differ with other seeds. It is
 * narrow for a handful of seeds (for 3 it cannot leave their range); {@link studentInterval} is the
 * honest one there.
 *
 * @param values One value a seed.
 */
export function seedInterval(
  values: ArrayLike<number>,
  stream: RandomStream,
  options: BootstrapOptions = {},
): Interval {
  return bootstrap(values, stream, options);
}

/**
 * Student's t interval for the mean over seeds.
 *
 * @param values One value a seed, at least two.
 * @param level The nominal coverage. @default {0.95}
 * @throws {RangeError} If there are fewer than two values.
 */
export function studentInterval(values: ArrayLike<number>, level = 0.95): Interval {
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
  return { estimate, low: estimate - reach, high: estimate + reach, level, count };
}

/**
 * The paired bootstrap of a difference a - b: units (images, or seeds) are resampled with both of
 * their values, so that what is easy for both cancels. The p-value counts the resampled differences
 * that, centred at zero, lie at least as far out as the observed one (Efron and Tibshirani 1993,
 * Section 16.4).
 *
 * @param a One value a unit, such as correctness, or its mean over seeds from {@link imageMeans}.
 * @param b The same units' other values.
 * @throws {RangeError} If there are none or their numbers differ.
 */
export function pairedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  stream: RandomStream,
  options: BootstrapOptions = {},
): Difference {
  if (a.length !== b.length) {
    throw new RangeError(
      `Cannot compare paired values as both must have the same units: current value is ` +
        `${a.length} against ${b.length}`,
    );
  }
  const differences = Float64Array.from(a, (value, i) => value - b[i]);
  const means = resampledMeans(differences, stream, options);
  const interval = percentileInterval(differences, means, options);
  // Equal outcomes may differ by the order of their sums: they count as equally far out.
  const reach = Math.abs(interval.estimate) * (1 - 1e-12);
  const extreme = means.filter((value) => Math.abs(value - interval.estimate) >= reach).length;
  return { ...interval, pValue: (1 + extreme) / (1 + means.length) };
}

/**
 * Adjusts p-values for their number, so that the chance of any false rejection stays below the level
 * at which the adjusted ones are judged (Holm 1979).
 *
 * @returns The adjusted p-values, in the order given.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]));
    adjusted[index] = largest;
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

function bootstrap(
  values: ArrayLike<number>,
  stream: RandomStream,
  options: BootstrapOptions,
): Interval {
  return percentileInterval(values, resampledMeans(values, stream, options), options);
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
