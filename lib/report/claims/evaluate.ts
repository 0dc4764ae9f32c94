/**
 * Judges claims by measurements.
 *
 * @module
 */
import { benjaminiHochberg, type Range } from "../../metrics/intervals.ts";
import type { ReportInput } from "../input/input.ts";
import { digestReads, recordReads } from "../input/reads.ts";
import { boundsOf } from "./bounds.ts";
import { evidenceText } from "./evidence.ts";
import { measure } from "./measurements.ts";
import type { Claim } from "../input/claim.ts";
import { type ClaimTests, type IntervalTest, LEVEL, testImages, testSeeds } from "./tests.ts";

/** What came of a claim. */
export type Outcome = "supported" | "not supported" | "not enough data" | "not run";

/** A claim with its outcome. */
export interface JudgedClaim {
  readonly claim: Claim;
  readonly outcome: Outcome;
  /** Number of seeds. */
  readonly n: number;
  readonly evidence: string;
  /** Digest of the tables that the outcome rests on; `null` where none was read. */
  readonly data: string | null;
}

/**
 * Judges every claim of the input.
 *
 * A claim is supported if every test's 95 % interval lies within its bounds and its p-value is at
 * most {@link LEVEL} after the correction of Benjamini and Hochberg for all claims that were tested;
 * not supported if an interval lies outside; it lacks data if an interval reaches across a bound, the
 * corrected p-value is larger, or there are too few seeds. Claims that ask each seed by itself have
 * no interval over seeds: there every value counts.
 */
export function judgeClaims(input: ReportInput): JudgedClaim[] {
  const measured = input.claims.map((claim) => ({ claim, ...measureClaim(claim, input) }));
  const tested = measured.filter(({ intervals }) => intervals.length > 0);
  const pValues = tested.map(({ intervals }) => Math.max(...intervals.map(({ pValue }) => pValue)));
  const adjusted = benjaminiHochberg(pValues);
  return measured.map((each) => {
    const at = tested.indexOf(each);
    const significance = at < 0
      ? null
      : { pValue: pValues[at], adjusted: adjusted[at], claims: tested.length };
    return judge(each.claim, { ...each, significance }, each.data);
  });
}

function measureClaim(claim: Claim, input: ReportInput) {
  const { value, reads } = recordReads(input, (watched) => {
    const values = claim.measurement === undefined ? [] : measure(watched, claim.measurement);
    const tests = [testSeeds(claim, values), testImages(claim, watched)];
    return { values, intervals: tests.filter((test) => test !== null) };
  });
  return { ...value, data: reads.length === 0 ? null : digestReads(reads) };
}

function judge(claim: Claim, tests: ClaimTests, data: string | null): JudgedClaim {
  const n = tests.values.length;
  if (n === 0) {
    const evidence = claim.needs ?? "Its runs are not part of this profile.";
    return { claim, outcome: "not run", n, evidence, data: null };
  }
  return { claim, outcome: outcomeOf(claim, tests), n, evidence: evidenceText(claim, tests), data };
}

function outcomeOf(claim: Claim, { values, intervals, significance }: ClaimTests): Outcome {
  if (values.length < claim.seeds) return "not enough data";
  const bounds = boundsOf(claim);
  const verdicts = intervals.map((interval) => judgeInterval(interval, bounds));
  if (claim.test === "each") verdicts.push(judgeEach(values, bounds));
  if (verdicts.length === 0) return "not enough data";
  if (verdicts.includes("not supported")) return "not supported";
  const significant = significance === null || significance.adjusted <= LEVEL;
  return significant && verdicts.every((verdict) => verdict === "supported")
    ? "supported"
    : "not enough data";
}

function judgeEach(values: readonly number[], { low, high }: Range): Outcome {
  return values.every((value) => value >= low && value <= high) ? "supported" : "not supported";
}

function judgeInterval({ low, high }: IntervalTest, bounds: Range): Outcome {
  if (low > bounds.low && high < bounds.high) return "supported";
  return high < bounds.low || low > bounds.high ? "not supported" : "not enough data";
}
