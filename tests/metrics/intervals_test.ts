import assert from "node:assert/strict";
import {
  holm,
  imageInterval,
  imageMeans,
  pairedDifference,
  seedInterval,
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

Deno.test("95 % Student intervals over three seeds cover the truth 95 % of the time, the bootstrap does not", () => {
  const trials = 2000;
  let student = 0, bootstrap = 0;
  for (let trial = 0; trial < trials; trial++) {
    const stream = source.stream("seeds", trial);
    const values = [stream.normal(), stream.normal(), stream.normal()];
    const t = studentInterval(values);
    const b = seedInterval(values, stream, { replicates: 100 });
    if (t.low <= 0 && 0 <= t.high) student++;
    if (b.low <= 0 && 0 <= b.high) bootstrap++;
  }
  assert.ok(Math.abs(student / trials - 0.95) < 0.02, `${student / trials}`);
  assert.ok(bootstrap / trials < 0.85, `${bootstrap / trials}`);
});

Deno.test("quantiles of Student's t equal SciPy's", () => {
  for (const { probability, degrees, quantile } of golden.student) {
    const value = studentCentralQuantile(probability, degrees);
    assert.ok(Math.abs(value / quantile - 1) < 1e-9, `${value} against ${quantile}`);
    assert.ok(Math.abs(studentCentralProbability(quantile, degrees) - probability) < 1e-12);
  }
});

Deno.test("images are resampled with all their seeds, seeds without their images", () => {
  const always = [1, 1, 0, 0], never = [0, 0, 1, 1];
  // Each image is right under one of two seeds: the images' means do not vary.
  const images = imageInterval([always, never], source.stream("kept apart"));
  assert.deepEqual([images.low, images.high], [0.5, 0.5]);
  assert.deepEqual([...imageMeans([always, never])], [0.5, 0.5, 0.5, 0.5]);
  const seeds = seedInterval([0.2, 0.8], source.stream("kept apart"));
  assert.deepEqual([seeds.low, seeds.estimate, seeds.high], [0.2, 0.5, 0.8]);
});

Deno.test("under no difference the paired test rejects at its level", () => {
  const trials = 400;
  let rejected = 0;
  for (let trial = 0; trial < trials; trial++) {
    const stream = source.stream("null", trial);
    const a = coinFlips(stream, 100, 0.4), b = coinFlips(stream, 100, 0.4);
    if (pairedDifference(a, b, stream, { replicates: 199 }).pValue <= 0.05) rejected++;
  }
  assert.ok(rejected / trials > 0.01 && rejected / trials < 0.1, `${rejected / trials}`);
});

Deno.test("pairing finds a small difference that the images' own spread would hide", () => {
  const stream = source.stream("paired");
  const b = coinFlips(stream, 500, 0.5);
  const a = b.map((hit, i) => i % 25 === 0 ? 1 : hit);
  const difference = pairedDifference(a, b, stream);
  assert.ok(difference.pValue < 0.01 && difference.low > 0, JSON.stringify(difference));
  const alone = [imageInterval([a], stream), imageInterval([b], stream)];
  assert.ok(alone[0].low < alone[1].high);
});

Deno.test("equal outcomes differ by nothing, with p = 1", () => {
  const values = [1, 0, 1, 1];
  const { estimate, low, high, pValue } = pairedDifference(values, values, source.stream("equal"));
  assert.deepEqual([estimate, low, high, pValue], [0, 0, 0, 1]);
});

Deno.test("Holm's adjustment rejects what the step-down procedure rejects", () => {
  for (let trial = 0; trial < 200; trial++) {
    const stream = source.stream("holm", trial);
    const pValues = Array.from({ length: 1 + stream.integer(12) }, () => stream.uniform() ** 4);
    const level = 0.05;
    const rejected = new Set<number>();
    const ascending = pValues.map((p, i) => ({ p, i })).sort((x, y) => x.p - y.p);
    for (const [rank, { p, i }] of ascending.entries()) {
      if (p > level / (pValues.length - rank)) break;
      rejected.add(i);
    }
    assert.deepEqual(holm(pValues).map((p) => p <= level), pValues.map((_, i) => rejected.has(i)));
  }
  assert.deepEqual(holm([]), []);
  assert.deepEqual(holm([0.5, 0.75]), [1, 1]);
});

Deno.test("the same stream gives the same interval", () => {
  const values = [0.1, 0.4, 0.35, 0.8];
  assert.deepEqual(
    seedInterval(values, source.stream("again")),
    seedInterval(values, source.stream("again")),
  );
});

Deno.test("intervals over nothing are refused", () => {
  const stream = source.stream("nothing");
  assert.throws(() => seedInterval([], stream), /at least one value/);
  assert.throws(() => studentInterval([1]), /at least two: current value is 1/);
  assert.throws(() => imageInterval([[1, 0], [1]], stream), /\[2,1\] images/);
  assert.throws(() => pairedDifference([1], [1, 0], stream), /1 against 2/);
  assert.throws(() => studentCentralQuantile(1, 2), /current value is 1 and 2/);
});
