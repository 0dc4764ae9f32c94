import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { Baseline, compare, median } from "../../bench/bench.ts";

const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", main, ...args],
    env: { BENCH_PYTHON: "no-such-python" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test("the median is the middle, or the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 100]), 3);
});

Deno.test("a baseline that is not installed is reported as absent with its reason", async () => {
  const before = process.env.BENCH_PYTHON;
  process.env.BENCH_PYTHON = "no-such-python";
  try {
    const baseline = await Baseline.python("torchvision", "torchvision_full.py");
    const measurement = await compare({ bench: "b", rounds: 3, ours: () => 5, baseline });
    const { note, ...rest } = measurement;
    assert.deepEqual(rest, {
      bench: "b",
      ours: 5,
      rounds: 3,
      baseline: "torchvision (absent)",
      theirs: null,
      ratio: null,
    });
    assert.match(note as string, /^no-such-python: .*ENOENT.*; BENCH_PYTHON can name another/);
  } finally {
    if (before === undefined) delete process.env.BENCH_PYTHON;
    else process.env.BENCH_PYTHON = before;
  }
});

Deno.test("the first turn is not counted", async () => {
  const times = [1000, 1, 2, 3];
  const baseline = { absent: "nothing", reason: "none is needed" };
  const ours = () => times.shift() as number;
  assert.equal((await compare({ bench: "b", rounds: 3, ours, baseline })).ours, 2);
  assert.deepEqual(times, []);
});

Deno.test("a name chooses its measurement, which is printed as one JSON line", async () => {
  const { code, out } = await run("augment-full/size-16", "--rounds", "1", "--json");
  assert.equal(code, 0);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ bench }) => bench), ["augment-full/size-16"]);
  assert.ok(lines[0].ours > 0);
});

Deno.test("unknown names and options end with status 2 and the names that exist", async () => {
  const name = await run("augment-ful");
  assert.equal(name.code, 2);
  assert.match(
    name.err,
    /Cannot measure 'augment-ful' as there is no such name: use .*augment-full/,
  );
  assert.equal((await run("--rounds", "0")).code, 2);
  assert.equal((await run("--fast")).code, 2);
});
