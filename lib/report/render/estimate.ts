/**
 * Means over seeds with 95 % intervals.
 *
 * @module
 */
import { type Range, studentInterval } from "../../metrics/intervals.ts";

/** A mean over independent repetitions. */
export interface Estimate {
  readonly mean: number;
  /** Ends of the 95 % interval (Student's t over seeds); `null` for a single seed. */
  readonly low: number | null;
  readonly high: number | null;
  /** Number of seeds. */
  readonly n: number;
  /** The single values, in the order of the seeds. */
  readonly values: readonly number[];
}

/** What a share can attain. */
export const SHARE: Range = { low: 0, high: 1 };

/**
 * Summarises one value per seed.
 *
 * @param values At least one.
 * @param range What the quantity can attain; the interval is cut there. Without it, anything.
 */
export function estimate(values: readonly number[], range?: Range): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: null, high: null, n, values };
  const { low, high } = studentInterval(values, { range });
  return { mean, low, high, n, values };
}

/** Summarises one share in [0, 1] a seed, such as an accuracy: its interval lies in [0, 1] too. */
export function estimateShare(values: readonly number[]): Estimate {
  return estimate(values, SHARE);
}
