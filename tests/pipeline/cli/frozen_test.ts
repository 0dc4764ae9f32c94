import assert from "node:assert/strict";
import { Rig, summaryOf } from "../rig.ts";

/** The tiny pipeline after a run, without its store: what a clone on another machine has. */
async function cloned(): Promise<Rig> {
  const rig = await Rig.built();
  Deno.removeSync(rig.path("artifacts"), { recursive: true });
  return rig;
}

Deno.test("--frozen executes the report alone and makes the same bytes", async () => {
  using rig = await cloned();
  const [report, lock] = [rig.snapshot("reports"), rig.read("pipeline.lock.yaml")];
  Deno.removeSync(rig.path("reports/summary.txt"));
  Deno.removeSync(rig.path("reports/data/total.sums.arrow"));

  const { status, stdout, stderr } = await rig.run(["--frozen", "--json"]);
  assert.equal(status, 0, stderr);
  const summary = summaryOf(stdout);
  assert.deepEqual([summary.ran, summary.fresh], [1, 3]);
  assert.deepEqual(rig.snapshot("reports"), report);
  assert.equal(rig.read("pipeline.lock.yaml"), lock);
});

Deno.test("a report that shows durations and versions comes out the same from the lock file", async () => {
  using rig = new Rig();
  rig.edit("stages/total.ts", 'pick("value"))', 'pick("value"), { provenance: true })');
  rig.edit(
    "stages/total.ts",
    "inputs.parts.map(({ axes }, i) =>",
    "inputs.parts.map(({ axes, provenance }, i) => JSON.stringify(provenance) +",
  );
  // Two names of one execution: each is told of under its own.
  rig.edit(
    "pipeline.yaml",
    "matrix: { factor: ${factors} }",
    "matrix: { factor: { two: { factor: 2 }, three: { factor: 3 }, again: { factor: 2 } } }",
  );
  await rig.run();
  const report = rig.snapshot("reports");
  assert.match(rig.read("reports/summary.txt"), /"seconds":\d/);
  assert.match(rig.read("reports/summary.txt"), /"instance":"double@factor=again"/);
  Deno.removeSync(rig.path("artifacts"), { recursive: true });
  assert.equal((await rig.run(["--frozen"])).status, 0);
  assert.deepEqual(rig.snapshot("reports"), report);
});

Deno.test("changed code of the report makes it anew and is recorded in the lock file", async () => {
  using rig = await cloned();
  const lock = rig.read("pipeline.lock.yaml");
  rig.edit("stages/total.ts", '"Sums"', '"Totals"');
  assert.equal((await rig.run(["--frozen"])).status, 0);
  assert.match(rig.read("reports/summary.txt"), /^Totals\n/);
  assert.notEqual(rig.read("pipeline.lock.yaml"), lock);
  const updated = rig.read("pipeline.lock.yaml");
  assert.equal((await rig.run(["--frozen"])).status, 0);
  assert.equal(rig.read("pipeline.lock.yaml"), updated);
});

Deno.test("stale instances fail with their reasons, and nothing executes", async () => {
  using rig = await cloned();
  const report = rig.snapshot("reports");
  rig.edit("scale.ts", "x * factor", "factor * x");
  rig.edit("pipeline.yaml", "factors: [2, 3]", "factors: [2, 5]");
  const { status, stdout, stderr } = await rig.run(["--frozen"]);
  assert.equal(status, 3);
  assert.equal(
    stderr.replaceAll(/ \[\d\/\d\]/g, ""),
    `failed   double@factor=2  scale.ts: what is used of it changed
failed   double@factor=5  the lock file does not record it
Cannot regenerate the report as 2 instances would not come out as pipeline.lock.yaml records: ` +
      "run without --frozen, and commit the lock file and the report\n",
  );
  assert.match(stdout, /^0 ran, 0 restored, 1 fresh, 2 failed/);
  assert.deepEqual(rig.snapshot("reports"), report);
  assert.equal((await rig.run(["--frozen", "--json"])).status, 3);
});

Deno.test("a changed param is named by its old and new value", async () => {
  using rig = await cloned();
  rig.edit("pipeline.yaml", "n: 3", "n: 4");
  const { status, stderr } = await rig.run(["--frozen"]);
  assert.equal(status, 3);
  assert.match(stderr, /^failed {3}make {2}params\.count 3 -> 4/);
  assert.match(stderr, /failed {3}double@factor=2 {2}it needs make/);
});

Deno.test("a committed table that is missing or edited is named", async () => {
  using rig = await cloned();
  Deno.removeSync(rig.path("reports/data/double@factor=2.products.arrow"));
  const edited = rig.path("reports/data/double@factor=3.products.arrow");
  const bytes = Deno.readFileSync(edited);
  bytes[bytes.length >> 1] ^= 1;
  Deno.writeFileSync(edited, bytes);
  const { status, stderr } = await rig.run(["--frozen"]);
  assert.equal(status, 3);
  assert.equal(
    stderr.replaceAll(/[0-9a-f]{8}\.\.\./g, "#"),
    `Cannot regenerate the report as its data is not what was committed:
total cannot read reports/data/double@factor=2.products.arrow, as it is missing: restore it from version control
total cannot read reports/data/double@factor=3.products.arrow, as its SHA-256 is # and not # as in the lock file: restore it from version control
`,
  );
});

Deno.test("a damaged copy of a committed table in the store executes nothing else", async () => {
  using rig = await Rig.built();
  const report = rig.snapshot("reports");
  const blob = Deno.realPathSync(rig.path("artifacts/latest/double@factor=2/products.arrow"));
  const bytes = Deno.readFileSync(blob);
  bytes[bytes.length >> 1] ^= 1;
  Deno.chmodSync(blob, 0o644);
  Deno.writeFileSync(blob, bytes);
  rig.edit("stages/total.ts", '"Sums"', '"Totals"');
  const { status, stdout, stderr } = await rig.run(["--frozen", "--json"]);
  assert.equal(status, 0, stderr);
  const { ran, fresh } = summaryOf(stdout);
  assert.deepEqual([ran, fresh], [1, 3]);
  // Where the committed table is damaged too, nothing executes at all.
  const path = rig.path("reports/data/double@factor=2.products.arrow");
  Deno.writeFileSync(path, bytes);
  const both = await rig.run(["--frozen"]);
  assert.equal(both.status, 3);
  assert.match(
    both.stderr,
    /total cannot read reports\/data\/double@factor=2\.products\.arrow, as its SHA/,
  );
  assert.equal(report.size, rig.snapshot("reports").size);
});

Deno.test("an edited lock file is noticed", async () => {
  using rig = await cloned();
  const lock = rig.read("pipeline.lock.yaml");
  const failure = async (from: string | RegExp, to: string) => {
    rig.write("pipeline.lock.yaml", lock.replace(from, to));
    const { status, stderr } = await rig.run(["--frozen"]);
    assert.equal(status, 3, stderr);
    return stderr.split("\n")[0].replace(/ \[\d\/\d\]/, "");
  };
  assert.equal(
    await failure("count: 3", "count: 4"),
    "failed   make  its record in the lock file was edited: params.count 4 -> 3",
  );
  assert.equal(
    await failure(/(make:\n +key: )[0-9a-f]{4}/, "$10000"),
    "failed   make  its key in the lock file does not fit what is recorded beside it",
  );
  assert.match(await failure("format: 1", "format: 9"), /must be a lock file of format 1 .* is 9;/);
  assert.match(
    await failure("format: 1", "format: [1"),
    /^Cannot read pipeline\.lock\.yaml as it is not YAML: /,
  );
  assert.match(
    await failure("instances:", "<<<<<<< ours\ninstances:"),
    /^Cannot read pipeline\.lock\.yaml as it holds a merge conflict; restore it from version/,
  );
});

Deno.test("without a lock file, --frozen says how to get one", async () => {
  using rig = new Rig();
  const { status, stderr } = await rig.run(["--frozen"]);
  assert.equal(status, 3);
  assert.equal(
    stderr,
    "Cannot run --frozen as there is no lock file pipeline.lock.yaml: run once without --frozen, " +
      "and commit it with the report\n",
  );
});

Deno.test("an output that is not committed cannot be read by a frozen report", async () => {
  using rig = new Rig();
  rig.edit("stages/double.ts", 'committed(valueSchema.pick("value"))', 'valueSchema.pick("value")');
  await rig.run();
  const { status, stderr } = await rig.run(["--frozen"]);
  assert.equal(status, 3);
  assert.match(
    stderr,
    /total cannot read double@factor=2\.products, as the stage does not commit it: declare the output by committed\(\)/,
  );
});

Deno.test("equal results make equal lock files, whatever the order of the work", async () => {
  using rig = await Rig.built();
  const withoutTimes = () => rig.read("pipeline.lock.yaml").replaceAll(/seconds: .*/g, "");
  const before = withoutTimes();
  Deno.removeSync(rig.path("artifacts"), { recursive: true });
  rig.edit("pipeline.yaml", "factors: [2, 3]", "factors: [3, 2]");
  await rig.run(["--force", "--lock"]);
  rig.edit("pipeline.yaml", "factors: [3, 2]", "factors: [2, 3]");
  await rig.run();
  assert.equal(withoutTimes(), before);
});
