import assert from "node:assert/strict";
import { jsonLines, Rig } from "../rig.ts";

const SWEEP = `  triple:
    like: double
    matrix: { factor: [3, 4] }
`;

function instances(stdout: string): string[] {
  return jsonLines(stdout).filter(({ event }) => event === "instance")
    .map((event) => (event as { instance: string }).instance).sort();
}

Deno.test("a stage that is like another takes its module, needs and params, and shares its runs", async () => {
  using rig = new Rig();
  rig.edit("pipeline.yaml", "  total:", `${SWEEP}  total:`);
  const { stdout, stderr } = await rig.run(["--json"]);
  assert.deepEqual(instances(stdout), [
    "double@factor=2",
    "double@factor=3",
    "make",
    "total",
    "triple@factor=3",
    "triple@factor=4",
  ], stderr);
  const keyOf = (name: string) =>
    jsonLines(stdout).filter(({ event }) => event === "instance")
      .map((event) => event as { instance: string; key: string })
      .find(({ instance }) => instance === name)!.key;
  assert.equal(keyOf("triple@factor=3"), keyOf("double@factor=3"));
  assert.notEqual(keyOf("triple@factor=4"), keyOf("double@factor=3"));
});

Deno.test("a gathered input receives the instances of every stage that its need lists", async () => {
  using rig = new Rig();
  rig.edit("pipeline.yaml", "  total:", `${SWEEP}  total:`);
  rig.edit("pipeline.yaml", "parts: double", "parts: [double, triple]");
  const { stdout, stderr } = await rig.run([]);
  assert.match(stdout, /2: 12\n3: 18\n3: 18\n4: 24\n/, stderr);
});

Deno.test("only an input that may be empty can do without a need", async () => {
  using rig = new Rig();
  rig.edit("pipeline.yaml", "    needs: { parts: double }\n", "");
  const missing = await rig.run([]);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /stage "total" needs "parts"/);

  rig.edit(
    "stages/total.ts",
    `gather(valueSchema.pick("value"))`,
    `gather(valueSchema.pick("value"), { mayBeEmpty: true })`,
  );
  rig.edit(
    "stages/total.ts",
    `outputs.sums.append({ value: Float64Array.from(sums) })`,
    `outputs.sums.append({ value: Float64Array.of(inputs.parts.length) })`,
  );
  assert.match((await rig.run([])).stdout, /^Sums\n/);
});

Deno.test("wrong families are reported with their place", async () => {
  using rig = new Rig();
  rig.edit(
    "pipeline.yaml",
    "  total:",
    `  triple: { like: doubel }\n  one: { like: two }\n  two: { like: one }\n  total:`,
  );
  rig.edit("pipeline.yaml", "needs: { values: make }", "needs: { values: [make, make] }");
  const { status, stderr } = await rig.run([]);
  assert.equal(status, 2);
  assert.match(stderr, /there is no stage "doubel" that this could be like/);
  assert.match(stderr, /did you mean.*double/i);
  assert.match(stderr, /stages are like each other: /);
  assert.match(stderr, /"values" takes one table, so it can have one need only/);
});
