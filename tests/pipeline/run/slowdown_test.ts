import assert from "node:assert/strict";
import type { Plan, PlannedInstance } from "../../../lib/pipeline/plan/plan.ts";
import { priceOfSlowness } from "../../../lib/pipeline/run/slowdown.ts";

const NATIVE = { seconds: 120, environment: { device: "CPU: A", versions: { tensorflow: "2" } } };

function instance(stage: string, seed: number): PlannedInstance {
  return {
    name: `${stage}@seed=${seed}`,
    stage,
    axes: {},
    seed,
    params: {},
    locations: {},
    inputs: [],
  };
}

const plan = {
  stages: { train: { requires: ["tensorflow"] }, report: { requires: [] } },
} as unknown as Plan;
const base = {
  plan,
  instances: [instance("train", 0), instance("train", 1), instance("report", 0)],
  requirement: "tensorflow",
  slowdownFrom: ({ versions }: { versions: object }) => "tensorflow" in versions ? 6 : 1,
  past: () => NATIVE,
  slots: 2,
};

Deno.test("what a slow choice costs is told by the past, for what needs it alone", () => {
  assert.equal(
    priceOfSlowness(base),
    "The 2 executions that it slows down will take about 12 min on 2 slots, in place of 2 min.",
  );
});

Deno.test("nothing is told where the past is not known or was as slow", () => {
  assert.equal(priceOfSlowness({ ...base, past: () => null }), null);
  assert.equal(
    priceOfSlowness({ ...base, past: ({ seed }) => seed === 0 ? NATIVE : null }),
    null,
  );
  assert.equal(priceOfSlowness({ ...base, slowdownFrom: () => null }), null);
  assert.equal(priceOfSlowness({ ...base, slowdownFrom: () => 1 }), null);
  assert.equal(priceOfSlowness({ ...base, instances: [] }), null);
});
