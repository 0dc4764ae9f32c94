import assert from "node:assert/strict";
import { classCount, randomizeLabels, randomViewLabels } from "../../lib/data/random_labels.ts";
import { RandomSource } from "../../lib/random/random.ts";

const trueLabels = Int32Array.from({ length: 5000 }, (_, i) => i % 10);

function randomize(noise: number, classes: number | "per-sample" = 10, seed = 7) {
  return randomizeLabels(trueLabels, { noise, classes, random: new RandomSource(seed) });
}

/** Rows whose label is the true one. */
function trueCount(labels: Int32Array): number {
  return labels.filter((label, row) => label === trueLabels[row]).length;
}

/** Pearson's chi-square of the counts of labels against a uniform distribution. */
function chiSquare(labels: Int32Array, classes: number): number {
  const counts = new Array(classes).fill(0);
  for (const label of labels) counts[label]++;
  const expected = labels.length / classes;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** The 99.9 % quantile of chi-square with 9 degrees of freedom (scipy.stats.chi2.ppf(0.999, 9)). */
const CHI_SQUARE_9 = 27.877;

Deno.test("without noise all labels are true", () => {
  assert.deepEqual(randomize(0), trueLabels);
});

Deno.test("with full noise labels are uniform and independent of the true ones", () => {
  const labels = randomize(1);
  assert.ok(chiSquare(labels, 10) < CHI_SQUARE_9);
  // Binomial(5000, 0.1): four standard deviations are 85.
  assert.ok(Math.abs(trueCount(labels) - 500) < 85, String(trueCount(labels)));
});

Deno.test("half noise keeps exactly half, and a redraw may hit the true class", () => {
  const labels = randomize(0.5);
  const redrawn = randomize(1);
  const kept = labels.filter((label, row) => label !== redrawn[row] || label === trueLabels[row]);
  assert.ok(kept.length >= 2500);
  // 2500 kept and Binomial(2500, 0.1) hits: four standard deviations are 60.
  assert.ok(Math.abs(trueCount(labels) - 2750) < 60, String(trueCount(labels)));
});

Deno.test("exactly floor(n (1 - p)) labels are kept, for any p", () => {
  const impossible = new Int32Array(97).fill(3);
  for (const noise of [0, 0.1, 1 / 3, 0.5, 0.77, 0.9, 1]) {
    const labels = randomizeLabels(impossible, {
      noise,
      classes: 1_000_000,
      random: new RandomSource(1),
    });
    // Of a million classes a redraw hits the true one practically never.
    const kept = labels.filter((label) => label === 3).length;
    assert.equal(kept, Math.floor(97 * (1 - noise) + 1e-9), `noise ${noise}`);
  }
});

Deno.test("the same seed gives the same labels, another seed others", () => {
  assert.deepEqual(randomize(1), randomize(1));
  assert.notDeepEqual(randomize(1), randomize(1, 10, 8));
});

Deno.test("a sample's random label depends neither on the noise nor on the number of samples", () => {
  const all = randomize(1);
  const fewer = randomizeLabels(trueLabels.subarray(0, 100), {
    noise: 1,
    classes: 10,
    random: new RandomSource(7),
  });
  assert.deepEqual(fewer, all.subarray(0, 100));
  const half = randomize(0.5);
  const agree = half.filter((label, row) => label === all[row] || label === trueLabels[row]);
  assert.equal(agree.length, half.length);
});

Deno.test("random labels can come from fewer or more classes, or one a sample", () => {
  assert.ok(randomize(1, 3).every((label) => label >= 0 && label < 3));
  assert.ok(Math.max(...randomize(1, 100)) > 90);
  assert.deepEqual(randomize(1, "per-sample").subarray(0, 4), Int32Array.of(0, 1, 2, 3));
  assert.equal(classCount("per-sample", 12), 12);
  assert.equal(classCount(7, 12), 7);
});

Deno.test("true labels beyond the classes, and an impossible noise, are refused", () => {
  assert.throws(() => randomize(0.5, 4), /'classes' must be above all of them.*is 4.*label is 9/);
  assert.throws(() => randomize(1.5), /'noise' must be between 0 and 1: current value is 1.5/);
  assert.throws(() => randomize(0.5, "per-sample"), /'noise' must be 1, current value is 0.5/);
});

Deno.test("views can have labels of their own, uniform and independent of how many there are", () => {
  const random = new RandomSource(3);
  const labels = randomViewLabels(500, 10, 10, random);
  assert.equal(labels.length, 5000);
  assert.ok(chiSquare(labels, 10) < CHI_SQUARE_9);
  const fewer = randomViewLabels(500, 4, 10, random);
  assert.deepEqual(fewer.subarray(4, 8), labels.subarray(10, 14));
});
