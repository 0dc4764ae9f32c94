import assert from "node:assert/strict";
import { BatchPlanner, type BatchSettings } from "../../../lib/nn/training/batches.ts";
import { RandomSource } from "../../../lib/random/random.ts";

function planner(settings: Partial<BatchSettings> = {}, seed = 0): BatchPlanner {
  const all = { samples: 23, viewsPerSample: 4, batchSize: 5, mixup: "none", ...settings } as const;
  return new BatchPlanner(all, new RandomSource(seed));
}

function epochOf(batches: BatchPlanner, epoch: number) {
  return Array.from({ length: batches.batchesPerEpoch }, (_, batch) => batches.plan(epoch, batch));
}

Deno.test("an epoch takes no sample twice and drops the last partial batch", () => {
  const samples = epochOf(planner(), 0).flatMap((plan) => [...plan.samples]);
  assert.equal(samples.length, 20);
  assert.equal(new Set(samples).size, 20);
  assert.ok(samples.every((sample) => sample >= 0 && sample < 23));
});

Deno.test("epochs and seeds have orders and views of their own", () => {
  const batches = planner();
  assert.notDeepEqual(epochOf(batches, 0), epochOf(batches, 1));
  assert.notDeepEqual(epochOf(batches, 0), epochOf(planner({}, 1), 0));
});

Deno.test("a batch does not depend on which batches were planned before", () => {
  const expected = planner({ mixup: "paper" }).plan(7, 2);
  const batches = planner({ mixup: "paper" });
  for (const [epoch, batch] of [[0, 0], [7, 3], [8, 0]]) batches.plan(epoch, batch);
  assert.deepEqual(batches.plan(7, 2), expected);
});

Deno.test("each view of a sample comes equally often", () => {
  const batches = planner({ samples: 100, batchSize: 100 });
  const counts = [0, 0, 0, 0];
  for (let epoch = 0; epoch < 100; epoch++) {
    for (const view of batches.plan(epoch, 0).views) counts[view]++;
  }
  // 10,000 draws: 2,500 a view, standard deviation 43.
  assert.ok(counts.every((count) => Math.abs(count - 2500) < 200), `${counts}`);
});

Deno.test("online, a view's number is the epoch's", () => {
  assert.deepEqual([...planner({ viewsPerSample: Infinity }).plan(6, 1).views], [6, 6, 6, 6, 6]);
});

Deno.test("without views of their own, samples have view 0", () => {
  assert.deepEqual([...planner({ viewsPerSample: 1 }).plan(6, 1).views], [0, 0, 0, 0, 0]);
});

Deno.test("mixup blends four of five batches, with uniform weights and a permutation", () => {
  const batches = planner({ mixup: "paper", samples: 5000 });
  const blends = epochOf(batches, 0).map((plan) => plan.blend!);
  const weights = blends.map((blend) => blend.weight).filter((weight) => weight !== 1);
  // 1,000 batches: standard deviation 13 of their number, 0.01 of the mean weight.
  assert.ok(Math.abs(weights.length - 800) < 60, `${weights.length} blended`);
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  assert.ok(Math.abs(mean - 0.5) < 0.05, `mean weight ${mean}`);
  for (const { partners } of blends) assert.deepEqual([...partners].sort(), [0, 1, 2, 3, 4]);
});
