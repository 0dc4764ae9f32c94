/**
 * The tests of claims. Sources of chance are kept apart: the seed of a run (Student's t over seeds,
 * given the test images), which test images were drawn (the paired bootstrap over images, given the
 * networks), and the order of points along an axis (Page's test, within seeds). A claim has to pass
 * every test that its data allows, in each of its parts.
 *
 * @module
 */
import { imageMeans, pairedWithin, type Range, studentInterval } from "../../metrics/intervals.ts";
import { pageTrend } from "../../metrics/page_trend.ts";
import { studentCentralProbability } from "../../metrics/student.ts";
import { RandomSource } from "../../random/random.ts";
import type { Claim } from "../input/claim.ts";
import { rangeOf } from "../input/measurement.ts";
import type { Network, Part, Quantity } from "./quantity.ts";

/** The result of a test. */
export interface Test {
  /** The part of the claim; empty where there is but one. */
  readonly part: string;
  /** What was resampled, repeated or put in order. */
  readonly over: "seeds" | "images" | "points";
  /** Number of seeds, of images or of points. */
  readonly count: number;
  /** One-sided bounds of the mean, 95 % each; `null` of a trend. */
  readonly bounds: Range | null;
  /**
   * One-sided, for the hypothesis that the value lies on a bound of the claim, the larger of two
   * where there are two; small where it lies well within.
   */
  readonly pValue: number;
  /** Whether the data contradict the claim at {@linkcode LEVEL}, shared among its parts. */
  readonly refutes: boolean;
}

/** The share of false ones that is allowed among the claims that count as supported by a test. */
export const LEVEL = 0.05;

/** Resamples of the test images. */
const REPLICATES = 1000;

/** Every test that the data of a claim allows; none where each seed is asked by itself. */
export function testQuantity(claim: Claim, quantity: Quantity, range: Range): Test[] {
  if (quantity.kind === "trend") return testTrend(claim, quantity);
  const { parts } = quantity;
  return parts.flatMap((part) =>
    [testSeeds(claim, part, range, parts.length), testImages(claim, part, range, parts.length)]
      .filter((test) => test !== null)
  );
}

/** Page's test along the points, each seed by itself. */
function testTrend(
  { direction, seeds: needed }: Claim,
  { points, blocks, seeds }: Extract<Quantity, { kind: "trend" }>,
): Test[] {
  if (seeds < needed) return [];
  const { rising, falling } = pageTrend(blocks);
  const [pValue, opposite] = direction === "rises" ? [rising, falling] : [falling, rising];
  const refutes = opposite <= LEVEL;
  return [{ part: "", over: "points", count: points.length, bounds: null, pValue, refutes }];
}

/** Student's t over seeds; `null` where the claim asks each seed by itself or there are too few. */
function testSeeds(claim: Claim, { name, values }: Part, range: Range, parts: number): Test | null {
  const count = values.length;
  if (claim.test === "each" || count < Math.max(2, claim.seeds)) return null;
  const attainable = rangeOf(claim.measurement);
  const bounds = studentInterval(values, { level: 1 - 2 * LEVEL, range: attainable });
  const outer = studentInterval(values, { level: 1 - 2 * LEVEL / parts, range: attainable });
  return {
    part: name,
    over: "seeds",
    count,
    bounds,
    pValue: studentPValue(values, range),
    refutes: liesOutside(outer, range),
  };
}

/**
 * The paired bootstrap over test images: each image is resampled with its outcomes under both
 * networks and all seeds.
 *
 * @returns `null` where the part is not about the accuracy of two networks, or the predictions of
 * one of them, or on the same images, were not kept.
 */
function testImages(claim: Claim, part: Part, range: Range, parts: number): Test | null {
  const { name, pairs = [] } = part;
  if (pairs.length < claim.seeds) return null;
  const outcomes = pairs.map((pair) => pair.map(outcomesOf));
  const images = outcomes[0][0].images;
  if (images === "" || outcomes.flat().some((each) => each.images !== images)) return null;
  const [a, b] = [0, 1].map((side) => imageMeans(outcomes.map((pair) => pair[side].points)));
  const within = (level: number) => {
    const stream = new RandomSource(0).stream(`report/claims/${claim.id}/${name}`);
    return pairedWithin(a, b, range, stream, { replicates: REPLICATES, level });
  };
  const { low, high, count, pValue } = within(1 - 2 * LEVEL);
  const refutes = liesOutside(parts === 1 ? { low, high } : within(1 - 2 * LEVEL / parts), range);
  return { part: name, over: "images", count, bounds: { low, high }, pValue, refutes };
}

/** Whether each test image was predicted right, in points, and which images those were. */
function outcomesOf({ run, epoch }: Network): { points: number[]; images: string } {
  const rows = run.predictions.filter((row) => row.epoch === epoch);
  return {
    points: rows.map(({ label, predicted }) => label === predicted ? 100 : 0),
    images: rows.map(({ index, label }) => `${index}:${label}`).join(),
  };
}

function liesOutside({ low, high }: Range, range: Range): boolean {
  return high < range.low || low > range.high;
}

function studentPValue(values: readonly number[], { low, high }: Range): number {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
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
