import assert from "node:assert/strict";
import type { Plan, PlannedInstance } from "../../../lib/pipeline/plan/plan.ts";
import { urgencies } from "../../../lib/pipeline/run/urgency.ts";

/** A plan of instances that need the named ones. */
function planOf(needs: Readonly<Record<string, readonly string[]>>): Plan {
  const instances = Object.entries(needs).map(([name, producers]) => ({
    name,
    inputs: [{ producers: producers.map((instance) => ({ instance, output: "x" })) }],
  })) as unknown as PlannedInstance[];
  return { name: "plan", params: {}, stages: {}, instances, slurm: {} };
}

/** The names, most urgent first. */
function order(plan: Plan, seconds: Readonly<Record<string, number>>): string[] {
  const urgency = urgencies(plan, ({ name }) => seconds[name]);
  return [...urgency].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

Deno.test("the instance at the start of the longest chain goes first", () => {
  const plan = planOf({ quick: [], slow: [], first: [], last: ["first"] });
  const seconds = { quick: 1, slow: 50, first: 5, last: 80 };
  assert.deepEqual(order(plan, seconds), ["first", "last", "slow", "quick"]);
});

Deno.test("what never ran counts as long", () => {
  assert.deepEqual(order(planOf({ known: [], unknown: [] }), { known: 30 }), ["unknown", "known"]);
});

Deno.test("of equally urgent instances the plan's first goes first", () => {
  assert.deepEqual(order(planOf({ c: [], a: [], b: [] }), {}), ["c", "a", "b"]);
});
