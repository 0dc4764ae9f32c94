import assert from "node:assert/strict";
import { axisRange, ticks, valueRange } from "../../../lib/pipeline/ui/page/curves.js";
import { conditionOf, curvesOf, inOrder, RunModel } from "../../../lib/pipeline/ui/page/model.js";

/** A run in which instances send `step` and `loss`. */
function runOf(sent: Record<string, [step: number, loss: number][]>): RunModel {
  const model = new RunModel();
  const time = "2026-01-01T00:00:00.000Z";
  for (const [instance, samples] of Object.entries(sent)) {
    model.take({ time, event: "start", instance, key: "0", reason: "", expectedSeconds: null });
    for (const [step, loss] of samples) {
      model.take({ time, event: "job", instance, job: { type: "live", values: { step, loss } } });
    }
  }
  return model;
}

Deno.test("instances that differ in their seed alone are one condition", () => {
  const cases = {
    train: "train",
    "train@seed=1": "train",
    "train@labels=random,seed=1": "train@labels=random",
    "train@seed=1,labels=random": "train@labels=random",
    "train@labels=random,reseed=2": "train@labels=random,reseed=2",
  };
  for (const [instance, condition] of Object.entries(cases)) {
    assert.equal(conditionOf(instance), condition);
  }
});

Deno.test("the mean of a condition's seeds is drawn as far as all of them have come", () => {
  const { instances } = runOf({
    "train@a=1,seed=0": [[0, 4], [1, 2], [2, 1]],
    "train@a=1,seed=1": [[0, 2], [1, 1]],
    "train@a=2,seed=0": [[0, 9], [1, 8]],
  });
  const [{ name, axis, lines, means }] = curvesOf(instances);
  assert.deepEqual([name, axis], ["loss", "step"]);
  assert.deepEqual(lines.map(({ condition }) => condition), [
    "train@a=1",
    "train@a=1",
    "train@a=2",
  ]);
  assert.deepEqual(means, [{ condition: "train@a=1", points: [[0, 3], [1, 1.5]] }]);
});

Deno.test("what runs now comes first, then what failed; else the order stays", () => {
  const states = ["fresh", "waiting", "running", "done", "failed", "running"];
  const rows = states.map((state, i) => ({ state, i }));
  assert.deepEqual(inOrder(rows).map(({ i }) => i), [2, 5, 4, 1, 3, 0]);
});

Deno.test("an axis with one point makes sense", () => {
  assert.deepEqual(axisRange([0]), { low: 0, high: 1 });
  assert.deepEqual(axisRange([3]), { low: 0, high: 3 });
  assert.deepEqual(axisRange([1, 5]), { low: 1, high: 5 });
  assert.deepEqual(valueRange([50]), { low: 45, high: 55 });
  assert.deepEqual(valueRange([0]), { low: -1, high: 1 });
  assert.deepEqual(ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
});
