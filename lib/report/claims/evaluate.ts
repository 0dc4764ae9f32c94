/**
 * Judges claims by measurements.
 *
 * @module
 */
import { benjaminiHochberg, type Range } from "../../metrics/intervals.ts";
import type { Claim } from "../input/claim.ts";
import type { ReportInput } from "../input/input.ts";
import { digestReads, recordReads } from "../input/reads.ts";
import { boundsOf } from "./bounds.ts";
import { effectsOf } from "./effect.ts";
import { evidenceText } from "./evidence.ts";
import type { JudgedClaim, MeasuredClaim, Outcome, Significance } from "./judged.ts";
import { measure } from "./measure.ts";
import { notApplicable } from "./precondition.ts";
import { leastRepetitions, type Quantity, repetitions } from "./quantity.ts";
import { LEVEL, testQuantity } from "./tests.ts";

/**
 * Judges every claim of the input.
 *
 * A claim is supported if the largest p-value of its tests is at most {@linkcode LEVEL} after the
 * correction of Benjamini and Hochberg for all claims that were tested; not supported if the data
 * contradict it: one-sided bounds of a part lie outside what is asked for, or the trend goes the other
 * way. Else, or with too few seeds, there is not enough data. Claims that ask each seed by itself have
 * no test: there every value counts. A claim is not applicable where the paper's statement says nothing
 * of the runs: about memorization, Definition 4.1 asks for a perfect fit.
 */
export function judgeClaims(input: ReportInput): JudgedClaim[] {
  const measured = input.claims.map((claim) => measureClaim(claim, input));
  const tested = measured.filter(({ tests, obstacle }) => tests.length > 0 && obstacle === null);
  const pValues = tested.map(({ tests }) => Math.max(...tests.map(({ pValue }) => pValue)));
  const adjusted = benjaminiHochberg(pValues);
  return measured.map((each) => {
    const at = tested.indexOf(each);
    const significance = at < 0
      ? null
      : { pValue: pValues[at], adjusted: adjusted[at], claims: tested.length };
    return judge(each, significance);
  });
}

/** Measures a claim and tests it. */
export function measureClaim(claim: Claim, input: ReportInput): MeasuredClaim {
  const { value, reads } = recordReads(input, (watched) => {
    const { quantity, trained } = measure(watched, claim.measurement);
    if (repetitions(quantity) === 0) return { quantity, range: ANY, tests: [], obstacle: null };
    const range = boundsOf(claim, watched);
    const obstacle = notApplicable(claim, trained, watched);
    return { quantity, range, obstacle, tests: testQuantity(claim, quantity, range) };
  });
  return { claim, ...value, data: reads.length === 0 ? null : digestReads(reads) };
}

const ANY: Range = { low: -Infinity, high: Infinity };

function judge(measured: MeasuredClaim, significance: Significance | null): JudgedClaim {
  const { claim, quantity, tests, obstacle, data } = measured;
  const n = repetitions(quantity);
  if (n === 0) {
    const evidence = "Its runs are not part of this profile.";
    return { claim, outcome: "not run", n, effects: [], evidence, data: null };
  }
  const effects = effectsOf(quantity, tests);
  const evidence = evidenceText(measured, significance);
  return obstacle === null
    ? { claim, outcome: outcomeOf(measured, significance), n, effects, evidence, data }
    : { claim, outcome: "not applicable", n, effects, evidence: `${obstacle}; ${evidence}`, data };
}

function outcomeOf(
  { claim, quantity, range, tests }: MeasuredClaim,
  significance: Significance | null,
): Outcome {
  if (leastRepetitions(quantity) < claim.seeds) return "not enough data";
  const seedBySeed = claim.test === "each" ? holdsForEach(quantity, range) : true;
  if (!seedBySeed || tests.some(({ refutes }) => refutes)) return "not supported";
  if (significance === null) return claim.test === "each" ? "supported" : "not enough data";
  return significance.adjusted <= LEVEL ? "supported" : "not enough data";
}

function holdsForEach(quantity: Quantity, { low, high }: Range): boolean {
  const all = quantity.kind === "trend" ? [] : quantity.parts.flatMap(({ values }) => values);
  return all.every((value) => value >= low && value <= high);
}
