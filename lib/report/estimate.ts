/**
 * Means over seeds with 95 % intervals.
 *
 * @module
 */
import { studentInterval } from "../metrics/intervals.ts";

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

/**
 * Summarises one value a seed.
 *
 * @param values At least one.
 */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean, low: null, high: null, n, values };
  const { low, high } = studentInterval(values);
  return { mean, low, high, n, values };
}
