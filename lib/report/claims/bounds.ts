/**
 * The range in which a claim holds.
 *
 * @module
 */
import type { Range } from "../../metrics/intervals.ts";
import type { Amount, Claim } from "../input/claim.ts";
import { initExcess } from "../input/init.ts";
import type { ReportInput } from "../input/input.ts";

/** The range of a measurement in which a claim holds; of a trend, of its correlation. */
export function boundsOf(claim: Claim, input: ReportInput): Range {
  const value = amountOf(claim.value, input);
  switch (claim.direction) {
    case "above":
      return { low: value, high: Infinity };
    case "below":
      return { low: -Infinity, high: value };
    case "equal": {
      const margin = amountOf(claim.margin!, input);
      return { low: value - margin, high: value + margin };
    }
    case "rises":
      return { low: 0, high: Infinity };
    case "falls":
      return { low: -Infinity, high: 0 };
  }
}

/** "above 5", "at most 3 for every seed", "between -5 and 5", with what the bound is a share of. */
export function boundsText(claim: Claim, { low, high }: Range): string {
  const { direction, value, margin, test } = claim;
  if (direction === "rises" || direction === "falls") return `it ${direction}`;
  const share = [value, margin].map(shareText).join("");
  if (direction === "equal") return `between ${number(low)} and ${number(high)}${share}`;
  const bound = number(direction === "above" ? low : high);
  return test === "each"
    ? `at ${direction === "above" ? "least" : "most"} ${bound}${share} for every seed`
    : `${direction} ${bound}${share}`;
}

/** An amount in the unit of the measurement. */
function amountOf(amount: Amount, input: ReportInput): number {
  return typeof amount === "number" ? amount : amount.of_init * 100 * initExcess(input);
}

function shareText(amount: Amount | undefined): string {
  if (amount === undefined || typeof amount === "number") return "";
  const { of_init } = amount;
  return of_init === 1
    ? " (as much as INIT has above chance)"
    : ` (${100 * of_init} % of what INIT has above chance)`;
}

function number(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
