/**
 * Means over seeds as charts show them: in percent, with interval, single seeds and values on
 * hover.
 *
 * @module
 */
import type { Estimate } from "./estimate.ts";

/** What a chart shows of shares measured once a seed, in percent. */
export interface PercentEstimate {
  readonly mean: number;
  /** Ends of the 95 % interval; both are the mean for a single seed. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** How intervals are drawn. */
export const INTERVAL_MARK = { type: "rule", strokeWidth: 2.5, opacity: 0.45 } as const;

/** How single seeds are drawn. */
export const SEED_MARK = { type: "circle", size: 20, opacity: 0.6 } as const;

/** An estimate of a share for a chart. */
export function inPercent({ mean, low, high, n }: Estimate): PercentEstimate {
  return { mean: 100 * mean, low: 100 * (low ?? mean), high: 100 * (high ?? mean), n };
}

/** What is shown of a {@link PercentEstimate} on hover. */
export const ESTIMATE_TOOLTIP = [
  { field: "mean", title: "Mean, %", format: ".1f" },
  { field: "low", title: "95 % interval from", format: ".1f" },
  { field: "high", title: "to", format: ".1f" },
  { field: "n", title: "Seeds" },
];

/** What the marks mean. */
export const MARKS_NOTE = "Small dots are single seeds, lines their means, bars 95 % intervals " +
  "(Student's t over seeds) where there are several.";
