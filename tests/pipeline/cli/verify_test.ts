import assert from "node:assert/strict";
import { Rig } from "../rig.ts";

/** Flips a bit of a stored file, as a bad disk does. */
function damage(path: string): void {
  const bytes = Deno.readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  Deno.chmodSync(path, 0o644);
  Deno.writeFileSync(path, bytes);
}

/** Lets the numbers of `double` move a little whenever it executes. */
function makeUnsteady(rig: Rig, by: string): void {
  rig.edit("stages/double.ts", "scale(x, params.factor)", `scale(x, params.factor) + ${by}`);
}

Deno.test("verify finds damaged results, and the next run makes them again", async () => {
  using rig = await Rig.built();
  assert.match((await rig.run(["verify"])).stdout, /^all is whole: 4 results, 5 blobs, /);
  damage(Deno.realPathSync(rig.path("artifacts/latest/total/sums.arrow")));
  const { status, stdout, stderr } = await rig.run(["verify"]);
  assert.equal(status, 1);
  assert.match(stderr, /^total: blob [0-9a-f]{12} is missing or damaged\n$/);
  assert.match(stdout, /^1 damaged of 4 results, 5 blobs, .*; the next run makes them again\n$/);
  const ends = await rig.outcomes();
  assert.deepEqual(
    Object.values(ends).map(({ outcome }) => outcome).sort(),
    ["fresh", "fresh", "fresh", "ran"],
  );
  assert.equal((await rig.run(["verify"])).status, 0);
});

Deno.test("verify looks at the targets alone", async () => {
  using rig = await Rig.built();
  damage(Deno.realPathSync(rig.path("artifacts/latest/total/sums.arrow")));
  assert.equal((await rig.run(["verify", "double"])).status, 0);
});

Deno.test("verify --rerun executes results once more and leaves the store as it is", async () => {
  using rig = await Rig.built();
  const before = rig.snapshot("artifacts/ac");
  const { status, stdout } = await rig.run(["verify", "--rerun", "2"]);
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split("\n").sort(), [
    "same     double@factor=2",
    "same     double@factor=3",
    "same     make",
    "same     total",
  ]);
  assert.deepEqual(rig.snapshot("artifacts/ac"), before);
  assert.deepEqual([...Deno.readDirSync(rig.path("artifacts/tmp"))], []);
});

Deno.test("verify --rerun tells values that differ, and takes the stage's tolerance and its exceptions into account", async () => {
  using rig = new Rig();
  makeUnsteady(rig, "1e-6 * performance.now()");
  await rig.run();
  const strict = await rig.run(["verify", "double", "--rerun", "1"]);
  assert.equal(strict.status, 1);
  assert.match(strict.stdout, /^differs {2}double@factor=3 {2}products: column `value` differs$/m);

  rig.edit("stages/double.ts", "inputs: {", "tolerance: { absolute: 1e-15 },\n  inputs: {");
  await rig.run();
  const narrow = await rig.run(["verify", "double", "--rerun", "1"]);
  assert.match(narrow.stdout, /products: column `value` differs by up to [\d.e-]+$/m);
  assert.equal(narrow.status, 1);

  rig.edit("stages/double.ts", "absolute: 1e-15", "absolute: 0.1");
  await rig.run();
  assert.equal((await rig.run(["verify", "double", "--rerun", "1"])).status, 0);

  rig.edit("stages/double.ts", "absolute: 0.1", 'except: ["products.value"]');
  await rig.run();
  assert.equal((await rig.run(["verify", "double", "--rerun", "1"])).status, 0);
});

Deno.test("--adopt counts results of older code as the present code's, and the lock file says so", async () => {
  using rig = await Rig.built();
  const before = await rig.outcomes();
  rig.edit("scale.ts", "return x * factor;", "return factor * x;");
  const { status, stdout } = await rig.run(["verify", "--rerun", "1", "--adopt"]);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    "same     double@factor=3\nadopted  double: 2 results of older code\nthe lock file says so\n",
  );
  const lock = rig.read("pipeline.lock.yaml");
  assert.match(lock, /adopted:\n +compared:\n +- double@factor=3\n +from: [0-9a-f]{64}/);
  const after = await rig.outcomes();
  assert.ok(Object.values(after).every(({ outcome }) => outcome === "fresh"));
  assert.notEqual(after["double@factor=2"].key, before["double@factor=2"].key);
  assert.equal(after.total.key, before.total.key);
  assert.equal(rig.read("pipeline.lock.yaml"), lock);
  assert.equal((await rig.run(["--frozen"])).status, 0);
});

Deno.test("--adopt keeps a stage whose values differ, and what differs in more than its code", async () => {
  using rig = await Rig.built();
  rig.edit("scale.ts", "return x * factor;", "return x * factor + 1;");
  const changed = await rig.run(["verify", "--rerun", "1", "--adopt"]);
  assert.equal(changed.status, 1);
  assert.match(changed.stdout, /^kept {5}double: its values differ/m);
  assert.equal((await rig.outcomes(["-k"]))["double@factor=2"].outcome, "ran");

  rig.edit("scale.ts", "return x * factor + 1;", "return 1 + x * factor;");
  rig.edit("pipeline.yaml", "n: 3", "n: 4");
  const params = await rig.run(["verify", "--rerun", "1", "--adopt"]);
  assert.match(params.stdout, /^there is nothing to adopt: no result differs from the plan in its/);
});

Deno.test("wrong uses of verify are refused", async () => {
  using rig = await Rig.built();
  const adopt = await rig.run(["verify", "--adopt"]);
  assert.equal(adopt.status, 2);
  assert.match(adopt.stderr, /^Cannot adopt results as none is compared: .* --rerun N\n$/);
  const count = await rig.run(["verify", "--rerun", "none"]);
  assert.equal(count.status, 2);
  assert.match(count.stderr, /must be a whole number from 1: it is "none"\n$/);
});
