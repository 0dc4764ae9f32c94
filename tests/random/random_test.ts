import assert from "node:assert/strict";
import { RandomSource, type RandomStream } from "../../lib/random/random.ts";

const { streams } = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/random/streams.json", import.meta.url)),
) as {
  streams: {
    seed: number;
    purpose: string;
    counters: number[];
    first: number[];
    last: number[];
  }[];
};

function take(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

function words(stream: RandomStream, count: number): number[] {
  return take(count, () => stream.uint32());
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pearson's statistic of counts against equal expectations. */
function chiSquare(counts: number[]): number {
  const expected = mean(counts);
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

Deno.test("a stream gives the words that a second implementation in Python gives", () => {
  for (const { seed, purpose, counters, first, last } of streams) {
    const stream = new RandomSource(seed).stream(purpose, ...counters);
    assert.deepEqual(words(stream, first.length), first);
    stream.seek(2 ** 34 - 4);
    assert.deepEqual(words(stream, 4), last);
  }
});

Deno.test("a stream does not depend on the streams drawn before or beside it", () => {
  const alone = words(new RandomSource(1).stream("augment", 3, 4), 50);
  const random = new RandomSource(1);
  const other = random.stream("augment", 4, 3);
  words(other, 7);
  const beside = random.stream("augment", 3, 4);
  const interleaved = take(50, () => (other.uint32(), beside.uint32()));
  assert.deepEqual(interleaved, alone);
});

Deno.test("streams of different seeds, purposes, counters and numbers of counters differ", () => {
  const names: [number, string, number[]][] = [
    [0, "a", []],
    [1, "a", []],
    [2 ** 32, "a", []],
    [0, "b", []],
    [0, "", []],
    [0, "a\0", []],
    [0, "a", [0]],
    [0, "a", [1]],
    [0, "a", [0, 0]],
    [0, "a", [0, 1]],
    [0, "a", [1, 0]],
    [0, "a", [0, 0, 0]],
    [0, "a", [0, 0, 1]],
  ];
  const starts = names.map(([seed, purpose, counters]) =>
    words(new RandomSource(seed).stream(purpose, ...counters), 2).join()
  );
  assert.equal(new Set(starts).size, names.length);
});

Deno.test("seeking to a position that was read resumes the stream there", () => {
  const random = new RandomSource(9);
  for (let drawn = 0; drawn < 12; drawn++) {
    const stream = random.stream("resume");
    words(stream, drawn);
    const resumed = random.stream("resume");
    resumed.seek(stream.position);
    assert.deepEqual(words(resumed, 9), words(stream, 9));
  }
});

Deno.test("a stream ends with an error rather than repeating itself", () => {
  const stream = new RandomSource(0).stream("long");
  stream.seek(2 ** 34 - 1);
  stream.uint32();
  assert.throws(() => stream.uint32(), /Cannot draw from a stream as it holds 2\^34 words/);
});

Deno.test("wrong seeds, counters, bounds and positions are refused with their value", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => new RandomSource(seed), new RegExp(`current value is ${seed}`));
  }
  const random = new RandomSource(0);
  for (const counter of [-1, 0.5, NaN, 2 ** 32]) {
    assert.throws(() => random.stream("a", 1, counter), /stream 'a'.*current value is \[1,/);
  }
  assert.throws(() => random.stream("a", 1, 2, 3, 4), /at most 3 counters.*\[1,2,3,4\]/);
  const stream = random.stream("a");
  for (const bound of [0, -1, 1.5, 2 ** 32 + 1]) {
    assert.throws(() => stream.integer(bound), new RegExp(`current value is ${bound}`));
  }
  for (const position of [-1, 0.5, 2 ** 34 + 1]) {
    assert.throws(() => stream.seek(position), new RegExp(`current value is ${position}`));
  }
});

Deno.test("uniform numbers lie in [0, 1) and fill it evenly, also across streams' first words", () => {
  const random = new RandomSource(3);
  const stream = random.stream("uniform");
  const samples = [
    take(100_000, () => stream.uniform()),
    Array.from({ length: 100_000 }, (_, i) => random.stream("uniform", i % 317, i).uniform()),
  ];
  for (const values of samples) {
    const counts = new Array(100).fill(0);
    for (const value of values) {
      assert.ok(value >= 0 && value < 1);
      counts[Math.floor(value * 100)]++;
    }
    // Chi-square with 99 degrees of freedom exceeds 161 with probability 1e-4; the seed is fixed.
    assert.ok(chiSquare(counts) < 161);
  }
});

Deno.test("uniformBetween covers its interval and keeps its lower end", () => {
  const stream = new RandomSource(4).stream("between");
  const values = take(10_000, () => stream.uniformBetween(-0.2, 0.2));
  assert.ok(Math.min(...values) >= -0.2 && Math.min(...values) < -0.199);
  assert.ok(Math.max(...values) < 0.2 && Math.max(...values) > 0.199);
});

Deno.test("integers are unbiased for a bound where a plain remainder would be biased", () => {
  const stream = new RandomSource(5).stream("integer");
  // With this bound, a plain remainder would hit the lower third of the range twice as often.
  const bound = 3 * 2 ** 30;
  const below = take(30_000, () => stream.integer(bound)).filter((x) => x < 2 ** 30).length;
  // Binomial(30000, 1/3): standard deviation 82.
  assert.ok(Math.abs(below - 10_000) < 4 * 82, `${below} of 30000`);
});

Deno.test("integers cover 0 to bound - 1 evenly, and the largest bound gives every word", () => {
  const stream = new RandomSource(6).stream("integer");
  const counts = new Array(14).fill(0);
  for (let i = 0; i < 14_000; i++) counts[stream.integer(14)]++;
  // Chi-square with 13 degrees of freedom exceeds 40 with probability 1.4e-4; the seed is fixed.
  assert.ok(chiSquare(counts) < 40, counts.join());
  const random = new RandomSource(6);
  assert.equal(random.stream("w").integer(2 ** 32), random.stream("w").uint32());
  assert.equal(stream.integer(1), 0);
});

Deno.test("normal numbers have the moments and the tails of the normal distribution", () => {
  const stream = new RandomSource(7).stream("normal");
  const values = take(100_000, () => stream.normal());
  const n = values.length;
  assert.ok(Math.abs(mean(values)) < 4 / Math.sqrt(n));
  assert.ok(Math.abs(mean(values.map((x) => x ** 2)) - 1) < 4 * Math.sqrt(2 / n));
  assert.ok(Math.abs(mean(values.map((x) => x ** 3))) < 4 * Math.sqrt(15 / n));
  assert.ok(Math.abs(mean(values.map((x) => x ** 4)) - 3) < 4 * Math.sqrt(96 / n));
  // P(|x| > 1.959964) = 0.05.
  const tail = values.filter((x) => Math.abs(x) > 1.959964).length;
  assert.ok(Math.abs(tail - 5000) < 4 * Math.sqrt(n * 0.05 * 0.95));
});

Deno.test("a permutation holds every integer once, and all orders are equally likely", () => {
  const random = new RandomSource(8);
  assert.deepEqual(
    [...random.stream("long").permutation(1000)].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.deepEqual([...random.stream("none").permutation(0)], []);
  const counts = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = random.stream("short", i).permutation(4).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 24);
  // Chi-square with 23 degrees of freedom exceeds 56 with probability 1.4e-4; the seed is fixed.
  assert.ok(chiSquare([...counts.values()]) < 56);
});

Deno.test("shuffle works in place on plain arrays", () => {
  const letters = [..."abcdefgh"];
  new RandomSource(10).stream("letters").shuffle(letters);
  assert.notEqual(letters.join(""), "abcdefgh");
  assert.equal(letters.toSorted().join(""), "abcdefgh");
});
