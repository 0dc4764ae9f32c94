import assert from "node:assert/strict";
import { drawSamples } from "../../lib/data/drawn_samples.ts";
import { RandomSource } from "../../lib/random/random.ts";

/** 100 images of four classes, the last of which has but ten. */
const labels = Int32Array.from({ length: 100 }, (_, row) => row < 90 ? row % 3 : 3);

function draw(samples: number | null, seed: number): number[] {
  return [...drawSamples(labels, { samples, random: new RandomSource(seed) })];
}

Deno.test("each seed draws other images, and always the same", () => {
  const [one, other] = [draw(40, 1), draw(40, 2)];
  assert.deepEqual(draw(40, 1), one);
  assert.notDeepEqual(one.toSorted(), other.toSorted());
});

Deno.test("no image is drawn twice, and classes have equally many samples, up to one", () => {
  const rows = draw(38, 3);
  assert.equal(new Set(rows).size, 38);
  const counts = [0, 1, 2, 3].map((label) => rows.filter((row) => labels[row] === label).length);
  assert.deepEqual(counts, [10, 10, 9, 9]);
});

Deno.test("a class without images left is passed over", () => {
  const rows = draw(70, 3);
  assert.equal(rows.filter((row) => labels[row] === 3).length, 10);
  assert.deepEqual(draw(100, 3).toSorted((a, b) => a - b), [...labels.keys()]);
});

Deno.test("fewer samples are the first of more", () => {
  assert.deepEqual(draw(100, 5).slice(0, 33), draw(33, 5));
});

Deno.test("without a number of samples all images are taken in order", () => {
  assert.deepEqual(draw(null, 5), [...labels.keys()]);
});
