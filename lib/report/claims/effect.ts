/**
 * How large what a claim is about is, for programs and for tables of results.
 *
 * @module
 */
import { pageTrend } from "../../metrics/page_trend.ts";
import type { Quantity } from "./quantity.ts";
import type { Test } from "./tests.ts";

/** The size of one part of a claim. */
export interface Effect {
  /** A layer, a data set, a value of an axis; empty where there is but one part. */
  readonly part: string;
  /** The mean over seeds; of a trend, the mean rank correlation with the order of its points. */
  readonly value: number;
  /** One-sided 95 % bounds over seeds; `null` of a trend, and with too few seeds. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The effects of a claim, part by part; none where it was not run. */
export function effectsOf(quantity: Quantity, tests: readonly Test[]): Effect[] {
  if (quantity.kind === "trend") {
    if (quantity.blocks.length === 0) return [];
    const value = mean(pageTrend(quantity.blocks).correlations);
    return [{ part: "", value, low: null, high: null }];
  }
  return quantity.parts.map(({ name, values }) => {
    const test = tests.find(({ part, over }) => part === name && over === "seeds");
    const { low, high } = test?.bounds ?? { low: null, high: null };
    return { part: name, value: mean(values), low, high };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
