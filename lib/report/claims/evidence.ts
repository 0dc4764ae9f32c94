/**
 * Evidence in words: the values, and for each test its name, n, bounds and p-value.
 *
 * @module
 */
import { pageTrend } from "../../metrics/page_trend.ts";
import { describeMeasurement } from "../input/measurement.ts";
import { boundsText } from "./bounds.ts";
import type { MeasuredClaim, Significance } from "./judged.ts";
import { type Quantity, repetitions } from "./quantity.ts";
import { LEVEL, type Test } from "./tests.ts";

/** What a claim's outcome rests on. */
export function evidenceText(
  measured: MeasuredClaim,
  significance: Significance | null,
): string {
  const { claim, quantity, range, tests } = measured;
  return [
    `${describeMeasurement(claim.measurement)}: ${quantityText(quantity)}`,
    `asked for: ${boundsText(claim, range)}`,
    ...tests.map(testText),
    ...tests.some(({ over }) => over !== "images") ? [] : [ruleText(claim, repetitions(quantity))],
    ...significance === null ? [] : [significanceText(significance, measured)],
    ...claim.shares === undefined ? [] : [`the runs are also those of "${claim.shares}"`],
  ].join("; ");
}

function quantityText(quantity: Quantity): string {
  if (quantity.kind === "values") {
    return quantity.parts.map(({ name, values }) => partText(name, values)).join(", ");
  }
  const { points, blocks, seeds } = quantity;
  const means = points.map((point, i) => {
    const mean = blocks.reduce((sum, block) => sum + block[i], 0) / blocks.length;
    return `${point}: ${number(mean)}`;
  });
  const correlations = pageTrend(blocks).correlations.map(number);
  const of = blocks.length === seeds ? "" : `${count(blocks.length, "block")} of `;
  return `${means.join(", ")} (means of ${of}${count(seeds, "seed")}, rank correlation with the ` +
    `order ${correlations.join(", ")})`;
}

function partText(name: string, values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const seeds = values.length === 1 ? "one seed" : `seeds ${values.map(number).join(", ")}`;
  return `${name === "" ? "" : `${name} `}${number(mean)} (${seeds})`;
}

function testText({ part, over, count: n, bounds, pValue }: Test): string {
  const name = part === "" ? "" : `${part}, `;
  if (bounds === null) {
    return `Page's test along ${count(n, "point")}: p ${pText(pValue)}`;
  }
  const test = over === "seeds"
    ? `Student's t over ${count(n, "seed")}`
    : `paired bootstrap over ${count(n, "test image")}, given the networks`;
  return `${name}${test}: one-sided 95 % bounds [${number(bounds.low)}, ${number(bounds.high)}]`;
}

function ruleText({ test, seeds }: MeasuredClaim["claim"], n: number): string {
  return test === "each" && n >= seeds
    ? `test: every seed by itself, n = ${n}`
    : `no test over seeds: n = ${n} of the ${Math.max(2, seeds)} needed`;
}

/** Says of how many p-values it is the largest: each test has one for each bound of the claim. */
function significanceText(
  { pValue, adjusted, claims }: Significance,
  { claim, tests }: MeasuredClaim,
): string {
  const all = tests.length * (claim.direction === "equal" ? 2 : 1);
  const which = all === 1 ? "" : `, the ${all === 2 ? "larger" : "largest"} of ${all},`;
  return `one-sided p${which} ${pText(pValue)}, with Benjamini and Hochberg's correction for ` +
    `${count(claims, "claim")} at level ${LEVEL} ${pText(adjusted)}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function number(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

function pText(p: number): string {
  return p < 0.001 ? "< 0.001" : `= ${p.toFixed(3)}`;
}
