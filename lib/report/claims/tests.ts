/**
 * The tests of claims. Two sources of chance are kept apart: the seed of a run (Student's t over
 * seeds, given the test images) and which test images were drawn (the paired bootstrap over images,
 * given the networks). A claim has to pass every test that its data allows.
 *
 * @module
 */
import { imageMeans, pairedWithin, type Range } from "../../metrics/intervals.ts";
import { studentCentralProbability } from "../../metrics/student.ts";
import { RandomSource } from "../../random/random.ts";
import { estimate } from "../render/estimate.ts";
import type { ReportInput } from "../input/input.ts";
import { boundsOf } from "./bounds.ts";
import { isPairMeasurement, type Network, networkPairs } from "./pairs.ts";
import { type Claim, rangeOf } from "../input/claim.ts";

/** The result of a test with a 95 % interval. */
export interface IntervalTest {
  /** What was resampled or repeated. */
  readonly over: "seeds" | "images";
  /** Number of seeds or of images. */
  readonly count: number;
  readonly low: number;
  readonly high: number;
  /**
   * One-sided, for the hypothesis that the value lies on a bound of the claim, the larger of two
   * where there are two; small where it lies well within.
   */
  readonly pValue: number;
}

/** The tests of a claim. */
export interface ClaimTests {
  /** One value a seed. */
  readonly values: readonly number[];
  readonly intervals: readonly IntervalTest[];
  /** Of all tests together; `null` where none has a p-value. */
  readonly significance: Significance | null;
}

/** A p-value, and what it is among many. */
export interface Significance {
  /** The largest of the tests' p-values, as all must pass. */
  readonly pValue: number;
  /** After the correction of Benjamini and Hochberg. */
  readonly adjusted: number;
  /** Number of claims with p-values. */
  readonly claims: number;
}

/** The share of false ones that is allowed among the claims that count as supported by a test. */
export const LEVEL = 0.05;

/** Resamples of the test images. */
const REPLICATES = 1000;

/** Student's t over seeds; `null` where the claim asks each seed by itself or there are too few. */
export function testSeeds(claim: Claim, values: readonly number[]): IntervalTest | null {
  if (claim.test === "each" || values.length < Math.max(2, claim.seeds)) return null;
  const { low, high } = estimate(values, rangeOf(claim.measurement!));
  return {
    over: "seeds",
    count: values.length,
    low: low!,
    high: high!,
    pValue: studentPValue(values, boundsOf(claim)),
  };
}

/**
 * The paired bootstrap over test images: each image is resampled with its outcomes under both
 * networks and all seeds.
 *
 * @returns `null` where the claim is not about the accuracy of two networks, or the predictions of
 * one of them, or on the same images, were not kept.
 */
export function testImages(claim: Claim, input: ReportInput): IntervalTest | null {
  const { measurement } = claim;
  if (measurement === undefined || !isPairMeasurement(measurement)) return null;
  const pairs = networkPairs(input, measurement);
  if (pairs.length < claim.seeds) return null;
  const outcomes = pairs.map((pair) => pair.map(outcomesOf));
  const images = outcomes[0][0].images;
  if (images === "" || outcomes.flat().some((each) => each.images !== images)) return null;
  const [a, b] = [0, 1].map((side) => imageMeans(outcomes.map((pair) => pair[side].points)));
  const stream = new RandomSource(0).stream(`report/claims/${claim.id}`);
  const bounds = boundsOf(claim);
  const { low, high, count, pValue } = pairedWithin(a, b, bounds, stream, {
    replicates: REPLICATES,
  });
  return { over: "images", count, low, high, pValue };
}

/** Whether each test image was predicted right, in points, and which images those were. */
function outcomesOf({ run, epoch }: Network): { points: number[]; images: string } {
  const rows = run.predictions.filter((row) => row.epoch === epoch);
  return {
    points: rows.map(({ label, predicted }) => label === predicted ? 100 : 0),
    images: rows.map(({ index, label }) => `${index}:${label}`).join(),
  };
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
