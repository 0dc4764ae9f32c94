import assert from "node:assert/strict";
import {
  benjaminiHochberg,
  imageInterval,
  imageMeans,
  pairedWithin,
  studentInterval,
} from "../../lib/metrics/intervals.ts";
import { studentCentralProbability, studentCentralQuantile } from "../../lib/metrics/student.ts";
import { RandomSource, type RandomStream } from "../../lib/random/random.ts";
import { readGolden } from "./hashed_data.ts";

interface IntervalsGolden {
  readonly student: { probability: number; degrees: number; quantile: number }[];
  readonly binomial: { hits: number; count: number; low: number; high: number }[];
}

const golden = readGolden<IntervalsGolden>("intervals");
const source = new RandomSource(11);

function coinFlips(stream: RandomStream, count: number, probability: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => stream.uniform() < probability ? 1 : 0);
}

Deno.test("the bootstrap over images tends to the binomial quantiles of SciPy", () => {
  for (const { hits, count, low, high } of golden.binomial) {
    const correct = Uint8Array.from({ length: count }, (_, i) => i < hits ? 1 : 0);
    const interval = imageInterval([correct], source.stream("binomial", count, hits));
    assert.equal(interval.estimate, hits / count);
    assert.equal(interval.count, count);
    // An image more or less is the resolution; the rest is the spread of 5000 replicates.
    const tolerance = 1 / count + 0.15 * (high - low) / 4;
    assert.ok(Math.abs(interval.low - low) <= tolerance, `${interval.low} against ${low}`);
    assert.ok(Math.abs(interval.high - high) <= tolerance, `${interval.high} against ${high}`);
  }
});

Deno.test("95 % bootstrap intervals over images cover the truth about 95 % of the time", () => {
  const trials = 400;
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const stream = source.stream("coverage", trial);
    const { low, high } = imageInterval([coinFlips(stream, 150, 0.3)], stream, {
      replicates: 300,
    });
    if (low <= 0.3 && 0.3 <= high) covered++;
  }
  // Four standard errors of a proportion of 400 are 0.044; 1.5 points are the method's own bias.
  assert.ok(Math.abs(covered / trials - 0.945) < 0.045, `${covered / trials}`);
});

Deno.test("95 % Student intervals over three seeds cover the truth 95 % of the time", () => {
  const trials = 2000;
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const stream = source.stream("seeds", trial);
    const { low, high } = studentInterval([stream.normal(), stream.normal(), stream.normal()]);
    if (low <= 0 && 0 <= high) covered++;
  }
  assert.ok(Math.abs(covered / trials - 0.95) < 0.02, `${covered / trials}`);
});

Deno.test("quantiles of Student's t equal SciPy's", () => {
  for (const { probability, degrees, quantile } of golden.student) {
    const value = studentCentralQuantile(probability, degrees);
    assert.ok(Math.abs(value / quantile - 1) < 1e-9, `${value} against ${quantile}`);
    assert.ok(Math.abs(studentCentralProbability(quantile, degrees) - probability) < 1e-12);
  }
});

Deno.test("images are resampled with all their seeds", () => {
  const always = [1, 1, 0, 0], never = [0, 0, 1, 1];
  // Each image is right under one of two seeds: the images' means do not vary.
  const images = imageInterval([always, never], source.stream("kept apart"));
  assert.deepEqual([images.low, images.high], [0.5, 0.5]);
  assert.deepEqual([...imageMeans([always, never])], [0.5, 0.5, 0.5, 0.5]);
});

/** That a lies above b. */
const ABOVE = { low: 0, high: Infinity };

Deno.test("under no difference the paired test rejects at its level", () => {
  const trials = 400;
  let rejected = 0;
  for (let trial = 0; trial < trials; trial++) {
    const stream = source.stream("null", trial);
    const a = coinFlips(stream, 100, 0.4), b = coinFlips(stream, 100, 0.4);
    if (pairedWithin(a, b, ABOVE, stream, { replicates: 199 }).pValue <= 0.05) rejected++;
  }
  assert.ok(rejected / trials > 0.01 && rejected / trials < 0.1, `${rejected / trials}`);
});

Deno.test("pairing finds a small difference that the images' own spread would hide", () => {
  const stream = source.stream("paired");
  const b = coinFlips(stream, 500, 0.5);
  const a = b.map((hit, i) => i % 25 === 0 ? 1 : hit);
  const difference = pairedWithin(a, b, ABOVE, stream);
  assert.ok(difference.pValue < 0.01 && difference.low > 0, JSON.stringify(difference));
  const alone = [imageInterval([a], stream), imageInterval([b], stream)];
  assert.ok(alone[0].low < alone[1].high);
});

Deno.test("equal outcomes differ by nothing, with p = 1", () => {
  const values = [1, 0, 1, 1];
  const stream = source.stream("equal");
  const { estimate, low, high, pValue } = pairedWithin(values, values, ABOVE, stream);
  assert.deepEqual([estimate, low, high, pValue], [0, 0, 0, 1]);
});

interface ClaimTestsGolden {
  readonly adjustments: { pValues: number[]; adjusted: number[] }[];
  readonly paired: {
    a: number[];
    b: number[];
    low: number;
    high: number;
    bound: number;
    pAbove: number;
    pBelow: number;
  }[];
}

const claimTests = readGolden<ClaimTestsGolden>("claim_tests");

Deno.test("Benjamini and Hochberg's adjustment is SciPy's", () => {
  for (const { pValues, adjusted } of claimTests.adjustments) {
    const ours = benjaminiHochberg(pValues);
    ours.forEach((p, i) => assert.ok(Math.abs(p - adjusted[i]) < 1e-12, `${p} ${adjusted[i]}`));
  }
  assert.deepEqual(benjaminiHochberg([]), []);
});

Deno.test("the paired bootstrap against a bound tends to SciPy's interval and tail", () => {
  for (const [i, golden] of claimTests.paired.entries()) {
    const { a, b, low, high, bound, pAbove, pBelow } = golden;
    const test = (range: { low: number; high: number }) =>
      pairedWithin(a, b, range, source.stream("paired", i), { replicates: 4000 });
    const above = test({ low: bound, high: Infinity });
    const below = test({ low: -Infinity, high: bound });
    // An image more or less is the resolution; the rest is the spread of 4000 replicates.
    const tolerance = 1 / a.length + 0.15 * (high - low) / 4;
    assert.ok(Math.abs(above.low - low) <= tolerance, `${above.low} against ${low}`);
    assert.ok(Math.abs(above.high - high) <= tolerance, `${above.high} against ${high}`);
    // Four standard errors of a share of 4000.
    assert.ok(Math.abs(above.pValue - pAbove) < 0.033, `${above.pValue} against ${pAbove}`);
    assert.ok(Math.abs(below.pValue - pBelow) < 0.033, `${below.pValue} against ${pBelow}`);
    const both = test({ low: -bound, high: bound });
    assert.equal(both.pValue, Math.max(below.pValue, test({ low: -bound, high: 1 }).pValue));
  }
});

Deno.test("Student's interval is cut where the quantity ends, and nowhere else", () => {
  const values = [0.99, 1, 0.97];
  const free = studentInterval(values);
  assert.ok(free.high > 1);
  const cut = studentInterval(values, { range: { low: 0, high: 1 } });
  assert.deepEqual(cut, { ...free, high: 1 });
});

Deno.test("the same stream gives the same interval", () => {
  const correct = [[1, 0, 1, 1, 0]];
  assert.deepEqual(
    imageInterval(correct, source.stream("again")),
    imageInterval(correct, source.stream("again")),
  );
});

Deno.test("intervals over nothing are refused", () => {
  const stream = source.stream("nothing");
  assert.throws(() => imageInterval([[]], stream), /at least one value/);
  assert.throws(() => studentInterval([1]), /at least two: current value is 1/);
  assert.throws(() => imageInterval([[1, 0], [1]], stream), /\[2,1\] images/);
  assert.throws(() => pairedWithin([1], [1, 0], ABOVE, stream), /1 against 2/);
  assert.throws(() => studentCentralQuantile(1, 2), /current value is 1 and 2/);
});
