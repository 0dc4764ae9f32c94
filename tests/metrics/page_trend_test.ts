import assert from "node:assert/strict";
import { pageTrend } from "../../lib/metrics/page_trend.ts";
import { readGolden } from "./hashed_data.ts";

interface PageGolden {
  readonly cases: readonly {
    readonly blocks: readonly (readonly number[])[];
    readonly statistic: number;
    readonly rising: number;
    readonly falling: number;
  }[];
}

Deno.test("statistic and exact p-values are SciPy's, and with equal values those of all orders", () => {
  for (const { blocks, ...golden } of readGolden<PageGolden>("page_trend").cases) {
    const found = pageTrend(blocks);
    assert.equal(found.statistic, golden.statistic);
    assert.ok(Math.abs(found.rising - golden.rising) < 1e-12, `${found.rising}`);
    assert.ok(Math.abs(found.falling - golden.falling) < 1e-12, `${found.falling}`);
  }
});

Deno.test("a block in order correlates by 1, one in reverse by -1, one of equal values by 0", () => {
  const { correlations } = pageTrend([[1, 2, 9], [3, 2, 1], [4, 4, 4]]);
  assert.deepEqual(correlations, [1, -1, 0]);
});

Deno.test("values that are all equal are evidence for no trend", () => {
  const { rising, falling } = pageTrend([[1, 1, 1], [2, 2, 2]]);
  assert.deepEqual([rising, falling], [1, 1]);
});

Deno.test("blocks of different or of too many points are refused", () => {
  assert.throws(() => pageTrend([[1, 2], [1, 2, 3]]), /current value is \[2,3\] points/);
  assert.throws(() => pageTrend([Array.from({ length: 13 }, (_, i) => i)]), /2 to 12 points/);
  assert.throws(() => pageTrend([]), RangeError);
});
