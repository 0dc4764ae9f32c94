import assert from "node:assert/strict";
import { addMetrics } from "../../../lib/pipeline/stage/metrics.ts";

Deno.test("a metric that is not a finite number is refused by its name", () => {
  const metrics = new Map<string, number>();
  addMetrics(metrics, { loss: 0.5, fit: 1 });
  addMetrics(metrics, { loss: 0.25 });
  assert.deepEqual([...metrics], [["loss", 0.25], ["fit", 1]]);
  for (const value of [NaN, Infinity, -Infinity, "1" as unknown as number]) {
    assert.throws(() => addMetrics(metrics, { gain: value }), /Cannot record metric "gain" as/);
  }
});
