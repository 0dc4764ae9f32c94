import assert from "node:assert/strict";
import {
  assertSameIdentity,
  captureState,
  restoreState,
} from "../../../lib/nn/network/checkpoint.ts";
import type { Variable } from "../../../lib/tensorflow/runtime.ts";

/** A variable on the host. */
function variable(name: string, shape: number[], values: number[]): Variable {
  let held = Float32Array.from(values);
  return {
    name,
    shape,
    data: () => Promise.resolve(held.slice()),
    set: (given) => void (held = given.slice()),
    read: () => assert.fail("not needed"),
    assign: () => assert.fail("not needed"),
    dispose: () => {},
  };
}

Deno.test("a captured state restores the values, whatever the order of its entries", async () => {
  const entries = await captureState([variable("a", [2], [1, 2]), variable("b", [1, 1], [3])]);
  const others = [variable("a", [2], [0, 0]), variable("b", [1, 1], [0])];
  restoreState(others, entries.toReversed());
  assert.deepEqual(await captureState(others), entries);
});

Deno.test("a state of other names or shapes is refused with the differences, and nothing changes", async () => {
  const entries = await captureState([variable("a", [2], [1, 2]), variable("c", [1], [3])]);
  const others = [variable("a", [3], [7, 8, 9]), variable("b", [1], [5])];
  const before = await captureState(others);
  assert.throws(
    () => restoreState(others, entries),
    /a has shape \[2\] where \[3\] is needed; b is missing; c is unknown/,
  );
  assert.deepEqual(await captureState(others), before);
});

Deno.test("runs of different identity are refused with the differences", () => {
  assertSameIdentity({ "batch size": "32" }, { "batch size": "32" });
  assert.throws(
    () =>
      assertSameIdentity({ "batch size": "32", seed: "1" }, { "batch size": "64", mixup: "none" }),
    /batch size was 64 and is 32; seed was absent and is 1; mixup was none and is absent/,
  );
});
