import assert from "node:assert/strict";
import { stop as stopEsbuild } from "esbuild";
import { computeCodeKey } from "../../../lib/pipeline/code/code_key.ts";
import { codeDifferences } from "../../../lib/pipeline/code/code_parts.ts";
import { PackageLock } from "../../../lib/pipeline/code/package_lock.ts";
import { Rig } from "../rig.ts";

Deno.test.afterAll(() => stopEsbuild());

async function codeOf(rig: Rig, module = "stages/double.ts") {
  return await computeCodeKey(rig.folder, module, PackageLock.find(rig.folder));
}

/** Asserts what an edit changes in the words that explain it; nothing is "the same key". */
async function assertChange(
  edit: (rig: Rig) => void,
  expected: readonly string[],
  module = "stages/double.ts",
): Promise<void> {
  using rig = new Rig();
  const before = await codeOf(rig, module);
  edit(rig);
  const after = await codeOf(rig, module);
  assert.deepEqual(codeDifferences(before.parts, after.parts), expected);
  assert.equal(before.key === after.key, expected.length === 0);
}

Deno.test("a comment and another layout change no code key", async () => {
  await assertChange((rig) => {
    rig.edit(
      "scale.ts",
      "return x * factor;",
      "// Scaled:\n\n  return x\n    * factor; /* done */",
    );
  }, []);
});

Deno.test("an export that the stage does not use changes no code key", async () => {
  await assertChange((rig) => rig.edit("scale.ts", "return -x;", "return -2 * x;"), []);
});

Deno.test("a schema that the stage does not use changes no code key", async () => {
  await assertChange((rig) => {
    const other = 'export const otherSchema = defineSchema("others", { size: int32("A size") });';
    rig.write("schemas.ts", `${rig.read("schemas.ts")}\n${other}\n`);
  }, []);
});

Deno.test("a moved checkout changes no code key", async () => {
  using first = new Rig();
  using second = new Rig();
  assert.equal((await codeOf(first)).key, (await codeOf(second)).key);
});

Deno.test("a function that the stage uses is named when it changes", async () => {
  await assertChange(
    (rig) => rig.edit("scale.ts", "return x * factor;", "return factor * x + 0;"),
    ["scale.ts: function `scale` changed"],
  );
});

Deno.test("a changed schema, a new helper and the parts of a definition are named", async () => {
  await assertChange((rig) => {
    rig.edit("schemas.ts", '"A number"', '"A real number"');
    rig.edit("scale.ts", "return x * factor;", "return twice(x) * factor / 2;");
    rig.write("scale.ts", `${rig.read("scale.ts")}\nconst twice = (x: number) => x + x;\n`);
    rig.edit("stages/double.ts", "Math.max(...value)", "Math.min(...value)");
  }, [
    "scale.ts: `twice` added, function `scale` changed",
    "schemas.ts: `valueSchema` changed",
    "stages/double.ts: `run` changed",
  ]);
});

Deno.test("a module that comes into use or goes out of it is named", async () => {
  await assertChange((rig) => {
    rig.write("other.ts", "export const scale = (x: number, y: number) => x * y;\n");
    rig.edit("stages/double.ts", "../scale.ts", "../other.ts");
  }, ["other.ts: used now", "scale.ts: no longer used"]);
});

Deno.test("a module that is imported inside `run` is part of the code key", async () => {
  using rig = new Rig();
  rig.edit("stages/double.ts", 'import { scale } from "../scale.ts";', "");
  rig.edit(
    "stages/double.ts",
    "run({ params, inputs, outputs, metrics }) {",
    'async run({ params, inputs, outputs, metrics }) {\n    const { scale } = await import("../scale.ts");',
  );
  rig.write("scale.ts", `${rig.read("scale.ts")}export const OFFSET = Math.sqrt(4);\n`);
  const before = await codeOf(rig);
  rig.edit("scale.ts", "return x * factor;", "return factor * x;");
  rig.edit("scale.ts", "Math.sqrt(4)", "Math.sqrt(9)");
  const changes = codeDifferences(before.parts, (await codeOf(rig)).parts);
  assert.deepEqual(changes, ["scale.ts: `OFFSET` changed, function `scale` changed"]);
});

Deno.test("a module that the import map names is part of the code key", async () => {
  using rig = new Rig();
  const config = JSON.parse(rig.read("deno.json"));
  rig.write(
    "deno.json",
    JSON.stringify({ ...config, imports: { ...config.imports, "#lib/": "./" } }),
  );
  rig.edit("stages/double.ts", "../scale.ts", "#lib/scale.ts");
  const before = await codeOf(rig);
  rig.edit("scale.ts", "return x * factor;", "return factor * x;");
  assert.notEqual((await codeOf(rig)).key, before.key);
});

Deno.test("a worker that is named by its URL is part of the code key, also if it is data", async () => {
  using rig = new Rig();
  rig.write("table.txt", "1\n");
  rig.edit("scale.ts", "return x * factor;", "void table;\n  return x * factor;");
  rig.write(
    "scale.ts",
    `${rig.read("scale.ts")}const table = new URL("./table.txt", import.meta.url);\n`,
  );
  const before = await codeOf(rig);
  rig.write("table.txt", "2\n");
  const after = await codeOf(rig);
  assert.notEqual(before.key, after.key);
  assert.deepEqual(codeDifferences(before.parts, after.parts), ["table.txt: its content changed"]);
});

Deno.test("another version of a package that the stage imports changes the key and is named", async () => {
  await assertChange((rig) => {
    const lock = rig.read("deno.lock");
    rig.write(
      "deno.lock",
      lock.replaceAll("zod@4.6.7", "zod@4.6.8").replaceAll('"4.6.7"', '"4.6.8"'),
    );
    rig.edit("deno.json", "zod@4.6.7", "zod@4.6.8");
  }, ["npm zod 4.6.7 -> 4.6.8"]);
});

Deno.test("another version of a package that the stage does not import changes nothing", async () => {
  await assertChange((rig) => {
    rig.write("deno.lock", rig.read("deno.lock").replaceAll("vega@6.4.0", "vega@6.4.1"));
  }, []);
});
