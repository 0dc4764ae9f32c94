/**
 * Judges claims by measurements.
 *
 * @module
 */
import { holm } from "../../metrics/intervals.ts";
import { studentCentralProbability } from "../../metrics/student.ts";
import { type Estimate, estimate } from "../estimate.ts";
import type { ReportInput } from "../input.ts";
import { measure } from "./measurements.ts";
import { type Claim, describeMeasurement } from "./schema.ts";

/** What came of a claim. */
export type Outcome = "supported" | "not supported" | "not enough data" | "not run";

/** A claim with its outcome. */
export interface JudgedClaim {
  readonly claim: Claim;
  readonly outcome: Outcome;
  /** Number of seeds. */
  readonly n: number;
  readonly evidence: string;
}

/** The range of a measurement in which a claim holds. */
interface Bounds {
  readonly low: number;
  readonly high: number;
}

/**
 * Judges every claim of the input.
 *
 * A claim is supported if the 95 % interval of the mean over seeds (Student's t) lies within its
 * bounds, not supported if it lies outside, and lacks data if the interval reaches across a bound or
 * there are too few seeds. P-values are one-sided against the bound (the larger of two for "equal");
 * the evidence gives them also after Holm's correction for all claims that were tested.
 */
export function judgeClaims(input: ReportInput): JudgedClaim[] {
  const measured = input.claims.map((claim) => ({
    claim,
    values: claim.measurement === undefined ? [] : measure(input, claim.measurement),
  }));
  const tested = measured.filter(({ claim, values }) =>
    claim.test === "mean" && values.length >= Math.max(2, claim.seeds)
  );
  const pValues = tested.map(({ claim, values }) => pValue(values, boundsOf(claim)));
  const adjusted = holm(pValues);
  const tests = new Map(tested.map(({ claim }, i) => [claim, {
    p: pValues[i],
    adjusted: adjusted[i],
    count: tested.length,
  }]));
  return measured.map(({ claim, values }) => judge(claim, values, tests.get(claim)));
}

/** The claims as claims.json holds them. */
export function claimsJson(judged: readonly JudgedClaim[]): string {
  const rows = judged.map(({ claim: { id, statement, section }, outcome, n, evidence }) => ({
    id,
    statement,
    section,
    outcome,
    n,
    evidence,
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

interface Test {
  readonly p: number;
  readonly adjusted: number;
  readonly count: number;
}

function judge(claim: Claim, values: readonly number[], test: Test | undefined): JudgedClaim {
  const n = values.length;
  if (n === 0) {
    const evidence = claim.needs === undefined
      ? "Its runs are not part of this profile."
      : claim.needs;
    return { claim, outcome: "not run", n, evidence };
  }
  const summary = estimate(values);
  const outcome = n < claim.seeds
    ? "not enough data"
    : claim.test === "each"
    ? judgeEach(values, boundsOf(claim))
    : judgeMean(summary, boundsOf(claim));
  return { claim, outcome, n, evidence: evidenceText(claim, summary, test) };
}

function judgeEach(values: readonly number[], { low, high }: Bounds): Outcome {
  return values.every((value) => value >= low && value <= high) ? "supported" : "not supported";
}

function judgeMean({ low, high }: Estimate, bounds: Bounds): Outcome {
  if (low === null || high === null) return "not enough data";
  if (low > bounds.low && high < bounds.high) return "supported";
  return high < bounds.low || low > bounds.high ? "not supported" : "not enough data";
}

function boundsOf({ direction, value, margin }: Claim): Bounds {
  switch (direction) {
    case "above":
      return { low: value + margin, high: Infinity };
    case "below":
      return { low: -Infinity, high: value - margin };
    case "equal":
      return { low: value - margin, high: value + margin };
  }
}

/** For the hypothesis that the mean lies on a bound; small where it lies well within. */
function pValue(values: readonly number[], { low, high }: Bounds): number {
  const n = values.length;
  const { mean } = estimate(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const error = Math.sqrt(variance / n);
  const oneSided = (distance: number) => {
    if (distance === Infinity) return 0;
    if (error === 0) return distance > 0 ? 0 : 1;
    const tail = (1 - studentCentralProbability(Math.abs(distance) / error, n - 1)) / 2;
    return distance > 0 ? tail : 1 - tail;
  };
  return Math.max(oneSided(mean - low), oneSided(high - mean));
}

function evidenceText(claim: Claim, summary: Estimate, test: Test | undefined): string {
  const { mean, low, high, values } = summary;
  const number = (value: number) => Number(value.toPrecision(3)).toString();
  const interval = low === null || high === null ? "" : ` [${number(low)}, ${number(high)}]`;
  const seeds = values.length === 1 ? "one seed" : `seeds ${values.map(number).join(", ")}`;
  const what = claim.measurement === undefined ? "" : describeMeasurement(claim.measurement);
  const p = test === undefined
    ? ""
    : `; p ${pText(test.p)}, with Holm's correction for ${test.count} tests ${
      pText(test.adjusted)
    }`;
  return `${what}: ${number(mean)}${interval} (${seeds}); asked for: ${boundsText(claim)}${p}`;
}

function boundsText(claim: Claim): string {
  const { low, high } = boundsOf(claim);
  const scope = claim.test === "each" ? " for every seed" : "";
  if (high === Infinity) return `${claim.test === "each" ? "at least" : "above"} ${low}${scope}`;
  if (low === -Infinity) return `${claim.test === "each" ? "at most" : "below"} ${high}${scope}`;
  return `between ${low} and ${high}${scope}`;
}

function pText(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
