import assert from "node:assert/strict";
import {
  dependsOnEpochs,
  type ScheduleConfig,
  scheduleFactor,
} from "../../../lib/nn/training/schedule.ts";
import { goldenCase } from "../golden.ts";

const golden = goldenCase("schedule");
const span = { epochs: 12, stepsPerEpoch: 5 };
const BASE = 2;

const schedules: Record<string, ScheduleConfig> = {
  "cosine": { kind: "cosine", floor: 0.02 },
  "thirds": { kind: "thirds" },
  "warm-up": { kind: "constant", warmupEpochs: 2 },
};

for (const [name, config] of Object.entries(schedules)) {
  Deno.test(`${name}: the learning rate of every step is that of PyTorch's scheduler`, () => {
    const expected = golden.get(name)!.values;
    assert.equal(expected.length, 60);
    for (let step = 0; step < 60; step++) {
      const actual = BASE * scheduleFactor(config, step, span);
      // PyTorch's cosine is a recurrence: its rounding adds up over 60 steps; values are float32.
      assert.ok(Math.abs(actual - expected[step]) < 1e-6, `${step}: ${actual}, ${expected[step]}`);
    }
  });
}

Deno.test("the cosine follows the warm-up over what is left of the run", () => {
  const config: ScheduleConfig = { kind: "cosine", floor: 0.1, warmupEpochs: 2 };
  assert.equal(scheduleFactor(config, 0, span), 0.1);
  assert.equal(scheduleFactor(config, 10, span), 1);
  assert.ok(Math.abs(scheduleFactor(config, 35, span) - 0.55) < 1e-12);
  assert.ok(Math.abs(scheduleFactor(config, 60, span) - 0.1) < 1e-12);
});

Deno.test("only a constant rate, warm-up included, does not depend on the number of epochs", () => {
  assert.equal(dependsOnEpochs({ kind: "constant", warmupEpochs: 3 }), false);
  assert.equal(dependsOnEpochs({ kind: "thirds" }), true);
  assert.equal(dependsOnEpochs({ kind: "cosine", floor: 0 }), true);
});
