/**
 * The range in which a claim holds.
 *
 * @module
 */
import type { Range } from "../../metrics/intervals.ts";
import type { Claim } from "../input/claim.ts";

/** The range of a measurement in which a claim holds. */
export function boundsOf({ direction, value, margin }: Claim): Range {
  switch (direction) {
    case "above":
      return { low: value + margin, high: Infinity };
    case "below":
      return { low: -Infinity, high: value - margin };
    case "equal":
      return { low: value - margin, high: value + margin };
  }
}

/** "above 5", "at most 3 for every seed", "between -5 and 5". */
export function boundsText(claim: Claim): string {
  const { low, high } = boundsOf(claim);
  const each = claim.test === "each";
  const scope = each ? " for every seed" : "";
  if (high === Infinity) return `${each ? "at least" : "above"} ${low}${scope}`;
  if (low === -Infinity) return `${each ? "at most" : "below"} ${high}${scope}`;
  return `between ${low} and ${high}${scope}`;
}
