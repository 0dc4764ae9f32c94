import assert from "node:assert/strict";
import { basename } from "node:path";
import { Rig } from "../rig.ts";

/** The tiny pipeline, whose first stage makes other values at every execution. */
function restless(): Rig {
  const rig = new Rig({ "profiles/other.yaml": "params: { n: 3 }\n" });
  rig.edit("stages/make.ts", "i + 1 + 10 * seed", "performance.timeOrigin + performance.now() + i");
  return rig;
}

/** Asserts that the links of `make` show what the store has as its result. */
function assertLinked(rig: Rig, folder = "artifacts/latest/make"): string {
  const { outputs } = JSON.parse(rig.read(`${folder}/manifest.json`)).content;
  const linked = basename(Deno.realPathSync(rig.path(folder, "values.arrow")));
  assert.equal(linked, outputs.values.file);
  return linked;
}

Deno.test("after --force the links under latest/ show the new result of the same key", async () => {
  using rig = restless();
  await rig.run();
  const before = assertLinked(rig);
  const { status, stderr } = await rig.run(["make", "--force"]);
  assert.equal(status, 0, stderr);
  assert.notEqual(assertLinked(rig), before);
});

Deno.test("links follow a key that another profile executed again", async () => {
  using rig = restless();
  await rig.run();
  await rig.run(["-p", "other", "make", "--force"]);
  assert.equal((await rig.run(["make"])).status, 0);
  assert.equal(assertLinked(rig), assertLinked(rig, "artifacts/latest/other/make"));
});

Deno.test("links that were removed are made again, though nothing runs", async () => {
  using rig = await Rig.built();
  const before = rig.snapshot("artifacts/latest");
  Deno.removeSync(rig.path("artifacts/latest"), { recursive: true });
  assert.match((await rig.run()).stdout, /^everything is fresh/);
  assert.deepEqual(rig.snapshot("artifacts/latest"), before);
});
