import assert from "node:assert/strict";
import { chanceAccuracy } from "../../lib/metrics/chance.ts";
import { vote } from "../../lib/metrics/knn.ts";

Deno.test("chance equals the count over all labelings of the neighbourhood", () => {
  for (const [classes, neighbours] of [[2, 3], [3, 4], [4, 5], [5, 1]]) {
    const labelings = classes ** neighbours;
    let hits = 0;
    for (let labeling = 0; labeling < labelings; labeling++) {
      const labels = Array.from(
        { length: neighbours },
        (_, i) => Math.floor(labeling / classes ** i) % classes,
      );
      const indices = Int32Array.from(labels, (_, i) => i);
      const squaredDistances = new Float64Array(neighbours);
      if (vote({ neighbours, indices, squaredDistances }, labels)[0] === labels[0]) hits++;
    }
    const chance = chanceAccuracy({ classes, neighbours, self: "include" });
    assert.ok(Math.abs(chance - hits / labelings) < 1e-12, `${classes} classes: ${chance}`);
  }
});

Deno.test("with the own row, noise of ten classes scores 22 % at K = 20, as simulated", () => {
  const chance = chanceAccuracy({ classes: 10, neighbours: 20, self: "include" });
  assert.equal(chance.toFixed(2), "0.22");
  assert.equal(chanceAccuracy({ classes: 10, neighbours: 20, self: "exclude" }), 0.1);
});
