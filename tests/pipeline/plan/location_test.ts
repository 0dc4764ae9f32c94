import assert from "node:assert/strict";
import { Rig } from "../rig.ts";

/** The tiny pipeline with numbers that `make` reads from a file. */
function rigWithFile(): Rig {
  const rig = new Rig();
  rig.write("data/numbers.txt", "1 2 3");
  rig.edit(
    "stages/make.ts",
    "prefix: z",
    'numbers: z.string().meta(LOCATION).describe("Where the numbers are"),\n    prefix: z',
  );
  rig.edit(
    "stages/make.ts",
    "Float64Array.from({ length: params.count }, (_, i) => i + 1 + 10 * seed)",
    'Float64Array.from(Deno.readTextFileSync(params.numbers).split(" "), Number)',
  );
  rig.edit("pipeline.yaml", "count: ${n}", "numbers: data/numbers.txt");
  return rig;
}

Deno.test("a location is found from the pipeline's folder, and its content alone enters the key", async () => {
  using rig = rigWithFile();
  // The tests' own working folder is another than the rig's.
  const first = await rig.run();
  assert.match(first.stdout, /^Sums\n2: 12\n3: 18\n/, first.stderr);

  Deno.renameSync(rig.path("data"), rig.path("moved"));
  rig.edit("pipeline.yaml", "data/numbers.txt", "moved/numbers.txt");
  assert.match((await rig.run()).stdout, /^everything is fresh/);

  rig.write("moved/numbers.txt", "1 2 4");
  const changed = await rig.outcomes();
  assert.equal(changed.make.outcome, "ran");
  assert.match(changed.make.reason, /^content of numbers [0-9a-f]{8} -> [0-9a-f]{8}$/);
});

Deno.test("--frozen takes what lay at a location from the lock file", async () => {
  using rig = rigWithFile();
  await rig.run();
  Deno.removeSync(rig.path("artifacts"), { recursive: true });
  Deno.removeSync(rig.path("data"), { recursive: true });
  const { status, stderr } = await rig.run(["--frozen"]);
  assert.equal(status, 0, stderr);
});

Deno.test("a location without a file is named", async () => {
  using rig = rigWithFile();
  Deno.removeSync(rig.path("data"), { recursive: true });
  const { status, stderr } = await rig.run();
  assert.equal(status, 1);
  assert.match(stderr, /Cannot run make as its param "numbers" must name a file: current value is/);
});

Deno.test("an address enters the key as it is; the same content from another leaves consumers fresh", async () => {
  using rig = new Rig();
  rig.edit(
    "stages/make.ts",
    "prefix: z",
    'numbers: z.string().meta(LOCATION).describe("Where the numbers are"),\n    prefix: z',
  );
  // Nothing asks for what is there, so that planning needs no network.
  rig.edit("pipeline.yaml", "count: ${n}", "numbers: http://one.invalid/numbers");
  const first = await rig.run();
  assert.equal(first.status, 0, first.stderr);
  assert.match((await rig.run()).stdout, /^everything is fresh/);

  rig.edit("pipeline.yaml", "http://one.invalid", "http://two.invalid");
  const outcomes = await rig.outcomes();
  assert.equal(outcomes.make.outcome, "ran");
  assert.match(outcomes.make.reason, /^content of numbers .*one.* -> .*two/);
  const others = Object.entries(outcomes).filter(([name]) => name !== "make");
  assert.ok(others.every(([, { outcome }]) => outcome !== "ran"), JSON.stringify(outcomes));
});
