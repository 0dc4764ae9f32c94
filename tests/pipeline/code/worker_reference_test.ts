import assert from "node:assert/strict";
import { stop as stopEsbuild } from "esbuild";
import { Rig } from "../rig.ts";
import { codeOf } from "./code_of.ts";

Deno.test.afterAll(() => stopEsbuild());

const WORKERS = `/** Not a reference: new URL("./nowhere.ts", import.meta.url) */
export const used = () => new URL("./used.ts", import.meta.url);
export const unused = () => new URL("./unused.ts", import.meta.url);
export const text = () => new URL("./absent.txt", import.meta.url);
`;

function keyAndFiles(rig: Rig) {
  return codeOf(rig.folder, "stages/double.ts");
}

Deno.test("a worker counts where the function that names it is used, and only there", async () => {
  using rig = new Rig({
    "workers.ts": WORKERS,
    "used.ts": `import { scale } from "./scale.ts";\npostMessage(scale(1, 2));\n`,
    "unused.ts": "postMessage(2);\n",
  });
  rig.edit(
    "stages/double.ts",
    `import { scale }`,
    `import { used } from "../workers.ts";\nimport { scale }`,
  );
  rig.edit("stages/double.ts", "const value", "used();\n    const value");
  const { key } = await keyAndFiles(rig);
  rig.write("unused.ts", "postMessage(3);\n");
  assert.equal((await keyAndFiles(rig)).key, key);
  rig.write("used.ts", `import { scale } from "./scale.ts";\npostMessage(scale(1, 3));\n`);
  assert.notEqual((await keyAndFiles(rig)).key, key);
});

Deno.test("a file that is named and not there counts when it comes", async () => {
  using rig = new Rig({ "workers.ts": WORKERS });
  rig.edit(
    "stages/double.ts",
    `import { scale }`,
    `import { text } from "../workers.ts";\nimport { scale }`,
  );
  rig.edit("stages/double.ts", "const value", "text();\n    const value");
  const before = await rig.outcomes(["double@factor=2"]);
  assert.equal(before["double@factor=2"].outcome, "ran");
  rig.write("absent.txt", "here");
  const after = await rig.outcomes(["double@factor=2"]);
  assert.equal(after["double@factor=2"].outcome, "ran");
});
