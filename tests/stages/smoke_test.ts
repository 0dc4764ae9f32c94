import assert from "node:assert/strict";
import { PipelineProcess, withOutcome } from "./pipeline_process.ts";

Deno.test("the smoke profile runs whole, is fresh afterwards, and reruns just what an edit touches", async () => {
  await using pipeline = new PipelineProcess();
  const first = await pipeline.succeed();
  assert.equal(first.summary.ran, first.instances.length);
  const summary = JSON.parse(pipeline.read("reports", "smoke", "summary.json"));
  for (const name of ["init", "random_none", "random_cached", "clean_none", "clean_cached"]) {
    const { mean, n } = summary.knn[name];
    assert.ok(mean >= 0 && mean <= 100 && n === 1, name);
  }
  const page = pipeline.read("reports", "smoke", "index.html");
  for (const id of ["table-2", "figure-2", "figure-3", "figure-6", "figure-1"]) {
    assert.match(page, new RegExp(`id="${id}"`));
  }

  const second = await pipeline.succeed();
  assert.equal(second.summary.fresh, second.instances.length);

  const edited = await pipeline.succeed("-S", "probe.neighbours=5");
  assert.deepEqual(withOutcome(edited, "ran"), [
    "probe@labels=clean,augmentation=cached,seed=10",
    "probe@labels=clean,augmentation=none,seed=10",
    "probe@labels=random,augmentation=cached,seed=10",
    "probe@labels=random,augmentation=none,seed=10",
    "report",
  ]);
  const probe = edited.instances.find(({ instance }) => instance.startsWith("probe"))!;
  assert.match(probe.reason, /params\.neighbours 20 -> 5/);

  const back = await pipeline.succeed();
  assert.equal(back.summary.ran, 0);
  assert.equal(withOutcome(back, "restored").length, 5);
});
