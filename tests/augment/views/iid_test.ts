import assert from "node:assert/strict";
import { iidPools } from "../../../lib/augment/views/iid.ts";
import { RandomSource } from "../../../lib/random/random.ts";

const random = new RandomSource(17);

Deno.test("with CIFAR-10's 5000 images a class, the pools use every image exactly once", () => {
  const labels = Int32Array.from({ length: 50_000 }, (_, row) => row * 7 % 10);
  const { samples, views, rows } = iidPools(labels, random);
  assert.deepEqual([samples, views, rows.length], [1000, 50, 50_000]);
  assert.equal(new Set(rows).size, 50_000);
  assert.ok(rows.every((row, i) => labels[row] === i % samples % 10), "views are of one class");
});

Deno.test("more views keep the samples and the views that fewer views give", () => {
  const labels = Uint8Array.from({ length: 300 }, (_, row) => row % 3);
  const few = iidPools(labels, random, { views: 4, samplesPerClass: 10 });
  const many = iidPools(labels, random, { views: 9, samplesPerClass: 10 });
  assert.deepEqual(many.rows.subarray(0, few.rows.length), few.rows);
});

Deno.test("the pools depend on the seed and on each class's own rows only", () => {
  const labels = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
  const options = { views: 2, samplesPerClass: 2 };
  const pools = iidPools(labels, random, options);
  assert.deepEqual(iidPools(labels, new RandomSource(17), options), pools);
  assert.notDeepEqual(iidPools(labels, new RandomSource(18), options), pools);
  const withoutSecond = iidPools([0, 2, 0, 2, 0, 2, 0, 2, 0, 2], random, options);
  const ofFirst = (rows: Int32Array) => rows.filter((_, i) => i % 2 === 0);
  assert.deepEqual(ofFirst(withoutSecond.rows), ofFirst(pools.rows));
});

Deno.test("every row of a class is equally likely to be a sample", () => {
  const counts = new Array(10).fill(0);
  for (let seed = 0; seed < 4000; seed++) {
    const { rows } = iidPools(new Uint8Array(10), new RandomSource(seed), {
      views: 1,
      samplesPerClass: 1,
    });
    counts[rows[0]]++;
  }
  // Chi-square with 9 degrees of freedom exceeds 34 with probability 1e-4; the seeds are fixed.
  assert.ok(counts.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0) < 34, counts.join());
});

Deno.test("a class with too few images is named, with what to do", () => {
  assert.throws(
    () => iidPools([0, 0, 0, 3, 3], random, { views: 1, samplesPerClass: 3 }),
    /class 3 must have 3 samples x 1 views = 3 images: current value is 2\. Lower the number/,
  );
});
