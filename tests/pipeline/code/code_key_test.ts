import assert from "node:assert/strict";
import { stop as stopEsbuild } from "esbuild";
import { codeDifferences } from "../../../lib/pipeline/code/code_parts.ts";
import { Rig } from "../rig.ts";
import { codeOf as bundleOf } from "./code_of.ts";

Deno.test.afterAll(() => stopEsbuild());

function codeOf(rig: Rig, module = "stages/double.ts") {
  return bundleOf(rig.folder, module);
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

Deno.test("the names of what only the code itself sees change no code key", async () => {
  await assertSameKey((rig) => {
    rig.edit(
      "scale.ts",
      "return x * factor;",
      "const { PI: turn } = Math;\n  return helper({ x, turn }, (each) => each * factor);",
    );
    rig.write(
      "scale.ts",
      `${rig.read("scale.ts")}
function helper({ x, turn }: { x: number; turn: number }, change: (each: number) => number) {
  return turn > 3 ? change(x) : 0;
}
`,
    );
  }, (rig) => {
    const text = rig.read("scale.ts").replaceAll("helper", "ifRound").replaceAll("each", "value")
      .replaceAll("change", "adapt").replace("PI: turn }", "PI: half }")
      .replace("turn }, (", "turn: half }, (");
    rig.write("scale.ts", text);
  });
});

Deno.test("a name that a program can observe is part of the code key", async () => {
  for (
    const [declaration, use] of [
      ["function helper() {}", "helper.name"],
      ["const helper = () => {};", "helper.name"],
      ["const { helper = () => {} } = {} as { helper?: () => void };", "helper.name"],
      ["class helper {}", "new helper().constructor.name"],
      ["const helper = class {};", "new helper().constructor.name"],
      ["function helper() {}", "String(helper)"],
    ]
  ) {
    using rig = new Rig();
    const program = (name: string) =>
      `${declaration.replaceAll("helper", name)}
export function scale(x: number, factor: number) {
  return ${use.replaceAll("helper", name)}.length * x * factor;
}
`;
    rig.write("scale.ts", program("helper"));
    const { key } = await codeOf(rig);
    rig.write("scale.ts", program("aid"));
    assert.notEqual((await codeOf(rig)).key, key, `${declaration} ${use}`);
  }
});

Deno.test("a call is only taken for pure where its name is the function's that is known as pure", async () => {
  using rig = new Rig();
  rig.write(
    "pure.ts",
    "/* @__NO_SIDE_EFFECTS__ */\nexport function add(list: number[]) {\n  return [...list, 1];\n}\n",
  );
  const program = (value: number) =>
    `import { add } from "./pure.ts";
const list: number[] = [];
function fill(add: (value: number) => void) {
  add(${value});
}
fill((value) => list.push(value));
export const scale = (x: number, factor: number) => x * factor * list[0] + add([]).length;
`;
  rig.write("scale.ts", program(1));
  const { key } = await codeOf(rig);
  rig.write("scale.ts", program(2));
  assert.notEqual((await codeOf(rig)).key, key);
});

Deno.test("a file beside the code counts byte by byte", async () => {
  using rig = new Rig();
  rig.write(
    "scale.ts",
    `const table = Deno.readFileSync(new URL("./table.bin", import.meta.url));
export const scale = (x: number, factor: number) => x * factor * table[0];
`,
  );
  Deno.writeFileSync(rig.path("table.bin"), new Uint8Array([0x80]));
  const { key } = await codeOf(rig);
  Deno.writeFileSync(rig.path("table.bin"), new Uint8Array([0x95]));
  assert.notEqual((await codeOf(rig)).key, key);
});

Deno.test("another locked version of a package that is imported by a range changes the key", async () => {
  using rig = new Rig();
  rig.edit("deno.json", "npm:zod@4.6.7", "npm:zod@^4.0.0");
  const lock = (version: string) => {
    const { npm, specifiers: all } = JSON.parse(rig.read("deno.lock"));
    const { "zod@4.6.7": zod = {}, ...others } = npm;
    const { "npm:zod@4.6.7": _, ...kept } = all;
    const specifiers = { ...kept, "npm:zod@4": version };
    const packages = { ...others, [`zod@${version}`]: zod };
    return JSON.stringify({ version: "5", specifiers, npm: packages });
  };
  const locks = ["4.6.7", "4.6.8"].map(lock);
  rig.write("deno.lock", locks[0]);
  const before = await codeOf(rig);
  rig.write("deno.lock", locks[1]);
  const after = await codeOf(rig);
  assert.deepEqual(codeDifferences(before.parts, after.parts), ["npm zod 4.6.7 -> 4.6.8"]);
  assert.notEqual(before.key, after.key);
  rig.write("deno.lock", locks[0]);
  rig.edit("deno.json", "npm:zod@^4.0.0", "npm:zod@4.6.7");
  assert.equal((await codeOf(rig)).key, before.key);
});

Deno.test("an import that the lock file lacks executes once", async () => {
  using rig = new Rig();
  const { specifiers, npm, ...rest } = JSON.parse(rig.read("deno.lock"));
  delete specifiers["npm:zod@4.6.7"];
  delete npm["zod@4.6.7"];
  rig.write("deno.lock", JSON.stringify({ ...rest, specifiers, npm }));
  const first = await rig.outcomes();
  const second = await rig.outcomes();
  assert.deepEqual(Object.values(first).map(({ outcome }) => outcome), [
    "ran",
    "ran",
    "ran",
    "ran",
  ]);
  const keys = (ends: typeof first) => Object.values(ends).map(({ key }) => key).sort();
  assert.ok(Object.values(second).every(({ outcome }) => outcome === "fresh"));
  assert.deepEqual(keys(second), keys(first));
});

Deno.test("a package whose version Deno cannot tell is refused", async () => {
  using rig = new Rig();
  rig.write("deno.lock", rig.read("deno.lock").replaceAll("zod@4.6.7", "zod@4.6.8"));
  rig.edit("deno.json", "zod@4.6.7", "zod@4.6.8");
  const { specifiers, npm, ...rest } = JSON.parse(rig.read("deno.lock"));
  specifiers["npm:zod@4.6.8"] = "4.6.8";
  delete specifiers["npm:flatbuffers@25.9.23"];
  rig.write("deno.lock", JSON.stringify({ ...rest, specifiers, npm }));
  await assert.rejects(
    codeOf(rig),
    /Could not resolve "flatbuffers": Deno cannot say which version/,
  );
});

Deno.test("packages that nothing locks are refused, as another run could get others", async () => {
  using rig = new Rig();
  const config = JSON.parse(rig.read("deno.json"));
  rig.write("deno.json", JSON.stringify({ ...config, lock: false }));
  await assert.rejects(codeOf(rig), /no lock file holds the npm package .*: let Deno write one/);
});

/** Asserts that a second edit changes nothing of what the first one made. */
async function assertSameKey(first: (rig: Rig) => void, second: (rig: Rig) => void): Promise<void> {
  using rig = new Rig();
  first(rig);
  const { key, files } = await codeOf(rig);
  second(rig);
  const after = await codeOf(rig);
  assert.equal(after.files.get("entry.js"), files.get("entry.js"));
  assert.equal(after.key, key);
}
