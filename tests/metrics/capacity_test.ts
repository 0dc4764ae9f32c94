import assert from "node:assert/strict";
import { capacities } from "../../lib/metrics/capacity.ts";

Deno.test("the capacity at each B is the largest sample fitted, with the next that was not", () => {
  const measurements = [
    { samples: 400, views: 1, fit: 1 },
    { samples: 200, views: 4, fit: 0.7 },
    { samples: 100, views: 4, fit: 0.995 },
    { samples: 400, views: 4, fit: 0.3 },
    { samples: 50, views: 4, fit: 1 },
    { samples: 50, views: 16, fit: 0.6 },
  ];
  assert.deepEqual(capacities(measurements), [
    { views: 1, samples: 400, points: 400, firstUnfitted: null },
    { views: 4, samples: 100, points: 400, firstUnfitted: 200 },
    { views: 16, samples: 0, points: 0, firstUnfitted: 50 },
  ]);
});

Deno.test("one seed that fails to fit a sample size spoils that size", () => {
  const [capacity] = capacities([
    { samples: 10, views: 2, fit: 1 },
    { samples: 20, views: 2, fit: 1 },
    { samples: 20, views: 2, fit: 0.98 },
  ]);
  assert.deepEqual(capacity, { views: 2, samples: 10, points: 20, firstUnfitted: 20 });
});

Deno.test("the threshold decides, and a run without a result has not fitted", () => {
  const runs = [{ samples: 5, views: 1, fit: 0.9 }, { samples: 9, views: 1, fit: NaN }];
  assert.equal(capacities(runs)[0].samples, 0);
  assert.deepEqual(capacities(runs, 0.9)[0], {
    views: 1,
    samples: 5,
    points: 5,
    firstUnfitted: 9,
  });
});
