import assert from "node:assert/strict";
import { killIfAlive, until } from "../processes.ts";
import { jsonLines, Rig, summaryOf } from "../rig.ts";

Deno.test("an earlier configuration is restored in well under a second an instance", async () => {
  using rig = await Rig.built();
  assert.equal(summaryOf((await rig.run(["--json", "-S", "n=4"])).stdout).ran, 4);
  await rig.run(["-n"]);
  const started = performance.now();
  const { stdout } = await rig.run(["--json"]);
  const seconds = (performance.now() - started) / 1000;
  const { ran, restored } = summaryOf(stdout);
  assert.deepEqual([ran, restored], [0, 4]);
  assert.ok(seconds < 0.25 * restored, `it took ${seconds} s`);
  assert.equal(rig.read("reports/summary.txt"), "Sums\n2: 12\n3: 18\n");
});

Deno.test("two instances with equal keys are one execution, also when they are forced", async () => {
  using rig = new Rig();
  rig.edit(
    "pipeline.yaml",
    "matrix: { factor: ${factors} }",
    "matrix: { name: { a: { factor: 2 }, b: { factor: 2 }, c: { factor: 3 } } }",
  );
  rig.edit("stages/total.ts", "axes.factor", "axes.name");
  const first = await rig.run(["--json"]);
  assert.equal(first.status, 0, first.stderr);
  const { ran, restored } = summaryOf(first.stdout);
  assert.deepEqual([ran, restored], [4, 1]);
  assert.equal(rig.read("reports/summary.txt"), "Sums\na: 12\nb: 12\nc: 18\n");
  const again = summaryOf((await rig.run(["--json", "--force", "double"])).stdout);
  assert.equal(again.ran, 2);
});

Deno.test("a new seed executes its own instances only", async () => {
  using rig = new Rig({
    "pipeline.yaml": `name: seeds
params: { seeds: [0, 1] }
stages:
  make:
    matrix: { seed: \${seeds} }
  double:
    matrix: make
    needs: { values: make }
`,
  });
  assert.equal(summaryOf((await rig.run(["--json"])).stdout).ran, 4);
  const { stdout } = await rig.run(["--json", "-S", "seeds=[0, 1, 5]"]);
  const ran = jsonLines(stdout).filter((line) => "outcome" in line && line.outcome === "ran");
  assert.deepEqual(ran.map((line) => "instance" in line && line.instance).sort(), [
    "double@seed=5",
    "make@seed=5",
  ]);
});

/** Six instances of `double` that take a while each. */
function slow(): Rig {
  const rig = new Rig();
  rig.edit("pipeline.yaml", "factors: [2, 3]", "factors: [1, 2, 3, 4, 5, 6]");
  rig.edit("stages/double.ts", "  run({", "  async run({");
  rig.edit(
    "stages/double.ts",
    "const value",
    "await new Promise((done) => setTimeout(done, 400));\n    const value",
  );
  return rig;
}

Deno.test("two engines at once share the work of one store", async () => {
  using rig = slow();
  await rig.run(["make", "--json"]);
  const results = await Promise.all([1, 2].map(() => rig.runApart(["--json", "-j", "1"])));
  for (const { status, stderr } of results) assert.equal(status, 0, stderr);
  const ran = results.map(({ stdout }) => summaryOf(stdout).ran);
  assert.equal(ran[0] + ran[1], 7, `each instance once: ${ran}`);
  assert.ok(Math.min(...ran) >= 2, `both work: ${ran}`);
});

Deno.test("an engine does not wait for what another makes that it does not need", async () => {
  using rig = new Rig();
  rig.edit("stages/total.ts", "const sums", "for (;;);\n    const sums");
  const other = rig.spawn([], { stdout: "null", stderr: "piped" });
  try {
    await until("total runs", () => {
      try {
        return [...Deno.readDirSync(rig.path("artifacts/ac"))].length === 3 &&
          [...Deno.readDirSync(rig.path("artifacts/checkpoints"))].length === 1;
      } catch {
        return false;
      }
    });
    const { stdout } = await rig.runApart(["double", "-S", "factors=[2, 7]", "--json"]);
    assert.equal(summaryOf(stdout).ran, 1);
  } finally {
    killIfAlive(other.pid);
    await other.stderr.cancel();
    await other.status;
  }
});

Deno.test("two engines at once remember what each of them did", async () => {
  using rig = slow();
  await rig.run(["make", "--json"]);
  const targets = ["double@factor=1", "double@factor=2"];
  await Promise.all(targets.map((target) => rig.runApart([target])));
  for (const target of targets) {
    const { stdout } = await rig.run([target]);
    assert.match(stdout, /^everything is fresh: 2 instances/);
  }
});
