import assert from "node:assert/strict";
import { RandomSource } from "../../lib/random/random.ts";
import { areUniform, hasProbability, haveQuantiles, haveSameDistribution } from "./statistics.ts";

const stream = new RandomSource(1).stream("statistics");

function histogram(draws: number, power: number): number[] {
  const counts = new Array(20).fill(0);
  for (let i = 0; i < draws; i++) counts[Math.floor(20 * stream.uniform() ** power)]++;
  return counts;
}

Deno.test("the tests accept draws from the same distribution and refuse others", () => {
  const reference = histogram(100_000, 1.5);
  assert.ok(haveSameDistribution(histogram(20_000, 1.5), reference));
  assert.ok(!haveSameDistribution(histogram(20_000, 1.6), reference));
  assert.ok(areUniform(histogram(20_000, 1)));
  assert.ok(!areUniform(histogram(20_000, 1.05)));
  const uniform = Array.from({ length: 20_000 }, () => stream.uniform());
  const quantiles = Array.from({ length: 41 }, (_, i) => i / 40);
  assert.ok(haveQuantiles(uniform, quantiles, 100_000));
  assert.ok(!haveQuantiles(uniform.map((x) => x ** 1.1), quantiles, 100_000));
  assert.ok(hasProbability(5000, 10_000, 0.5));
  assert.ok(!hasProbability(5200, 10_000, 0.5));
});
