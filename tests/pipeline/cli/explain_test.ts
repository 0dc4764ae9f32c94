import assert from "node:assert/strict";
import { Rig } from "../rig.ts";

/** Output with digests replaced, which depend on the engine's own code. */
function withoutDigests(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{12}\b/g, "#");
}

Deno.test("explain shows the whole key of a fresh instance", async () => {
  using rig = await Rig.built();
  const { status, stdout } = await rig.run(["explain", "total"]);
  assert.equal(status, 0);
  assert.equal(
    withoutDigests(stdout),
    `total  fresh: up to date
  key         #
  code        #  stages/total.ts
  params
    title     "Sums"
  inputs
    parts  from double@factor=2.products, double@factor=3.products
      double@factor=2.products
        value  #
      double@factor=3.products
        value  #
  seed        0
`,
  );
});

Deno.test("explain shows each part that changed by its old and new value", async () => {
  using rig = await Rig.built();
  rig.edit("scale.ts", "x * factor", "factor * x");
  rig.edit("stages/double.ts", "z.number().default(2)", "z.number().default(3)");
  rig.edit("pipeline.yaml", "matrix: { factor: ${factors} }", "matrix: { seed: [0, 7] }");
  await rig.run(["make", "-S", "n=5"]);
  const { stdout } = await rig.run(["explain", "double@seed=7", "-S", "n=5"]);
  assert.equal(
    withoutDigests(stdout),
    `double@seed=7  would run: never ran
  key         #
  code        #  stages/double.ts
  params
    factor    3
  inputs
    values  from make.values
      value   #
  seed        7
`,
  );
  rig.edit("pipeline.yaml", "matrix: { seed: [0, 7] }", "matrix: { factor: ${factors} }");
  assert.equal(
    withoutDigests((await rig.run(["explain", "double@factor=2", "-S", "n=5"])).stdout),
    `double@factor=2  would run: scale.ts: function \`scale\` changed; ` +
      `stages/double.ts: \`params\` changed; input values: column \`value\` changed
  key         # -> #
  code        # -> #  stages/double.ts
    scale.ts: function \`scale\` changed
    stages/double.ts: \`params\` changed
  params
    factor    2
  inputs
    values  from make.values
      value   # -> #
  seed        0
`,
  );
});

Deno.test("explain tells what is known of an instance that waits for another", async () => {
  using rig = await Rig.built();
  const { stdout } = await rig.run(["explain", "double@factor=2", "-S", "make.count=9"]);
  assert.match(stdout, /^double@factor=2 {2}pending: after make; cut off if /);
  assert.match(stdout, /values {2}from make\.values\n {6}known when those are up to date/);
});

Deno.test("explain needs a target, and suggests one for a slip", async () => {
  using rig = await Rig.built();
  const none = await rig.run(["explain"]);
  assert.deepEqual([none.status, none.stderr], [
    2,
    "Cannot explain as no target is named, e.g. `explain STAGE@seed=0`\n",
  ]);
  const slip = await rig.run(["explain", "doubel"]);
  assert.deepEqual([slip.status, slip.stderr], [
    2,
    'There is no stage "doubel": did you mean "double"?\n',
  ]);
});
