/**
 * Evidence in words: the value, and for each test its name, n, interval and p-value.
 *
 * @module
 */
import { estimate } from "../render/estimate.ts";
import { boundsText } from "./bounds.ts";
import { type Claim, describeMeasurement } from "../input/claim.ts";
import { type ClaimTests, type IntervalTest, LEVEL, type Significance } from "./tests.ts";

/** What a claim's outcome rests on. */
export function evidenceText(claim: Claim, tests: ClaimTests): string {
  const { values, intervals, significance } = tests;
  const { mean } = estimate(values);
  const seeds = values.length === 1 ? "one seed" : `seeds ${values.map(number).join(", ")}`;
  const what = claim.measurement === undefined ? "" : describeMeasurement(claim.measurement);
  return [
    `${what}: ${number(mean)} (${seeds})`,
    `asked for: ${boundsText(claim)}`,
    ...intervals.map(intervalText),
    ...intervals.some(({ over }) => over === "seeds") ? [] : [ruleText(claim, values.length)],
    ...significance === null ? [] : [significanceText(significance)],
  ].join("; ");
}

function intervalText({ over, count, low, high }: IntervalTest): string {
  const name = over === "seeds"
    ? `Student's t over ${count} seeds`
    : `paired bootstrap over ${count} test images, given the networks`;
  return `${name}: 95 % interval [${number(low)}, ${number(high)}]`;
}

function ruleText({ test, seeds }: Claim, n: number): string {
  return test === "each" && n >= seeds
    ? `test: every seed by itself, n = ${n}`
    : `no test over seeds: n = ${n} of the ${Math.max(2, seeds)} needed`;
}

function significanceText({ pValue, adjusted, claims }: Significance): string {
  return `one-sided p ${pText(pValue)}, with Benjamini and Hochberg's correction for ${claims} ` +
    `${claims === 1 ? "claim" : "claims"} at level ${LEVEL} ${pText(adjusted)}`;
}

function number(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function pText(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
