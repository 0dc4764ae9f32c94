import assert from "node:assert/strict";
import { TableFile } from "../../../lib/arrow/reader.ts";
import { defineSchema, float64 } from "../../../lib/arrow/schema.ts";
import { logOf, Rig, STAGE_IMPORTS } from "../rig.ts";

const schema = defineSchema("values", { value: float64("A number") });

/** Two stages, the second after the first, which waits for a file at a location. */
function waiting(files: Readonly<Record<string, string>> = {}): Rig {
  return new Rig({
    "pipeline.yaml": `name: waiting
stages:
  wait:
    params: { gate: gate }
  last:
    needs: { value: wait }
`,
    "schema.ts": `${STAGE_IMPORTS}
export const schema = defineSchema("values", { value: float64("A number") });
`,
    "helper.ts": "export const value = () => 1;\n",
    "gate": "closed",
    "stages/wait.ts": `${STAGE_IMPORTS}
import { schema } from "../schema.ts";
export default defineStage({
  description: "Waits",
  params: z.object({ gate: z.string() }),
  inputs: {},
  outputs: { value: schema },
  async run({ outputs, downloads, log }) {
    log("started");
    while (![...Deno.readDirSync(downloads!)].some(({ name }) => name === "open")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { value } = await import("../helper.ts");
    outputs.value.append({ value: Float64Array.of(value()) });
  },
  network: true,
});
`,
    "stages/last.ts": `${STAGE_IMPORTS}
import { schema } from "../schema.ts";
import { value } from "../helper.ts";
export default defineStage({
  description: "Adds",
  params: z.object({}),
  inputs: { value: schema },
  outputs: { sum: schema },
  run({ inputs, outputs }) {
    outputs.sum.append({ value: inputs.value.column("value").map((x) => x + value()) });
  },
});
`,
    ...files,
  });
}

/** Runs in a process of its own; edits once the first stage runs, and lets it go on. */
async function runAndEdit(rig: Rig, edit: () => void): Promise<{ status: number; text: string }> {
  const child = rig.spawn([]);
  const output = child.output();
  while (!logOf(rig).includes("started")) await new Promise((resolve) => setTimeout(resolve, 20));
  edit();
  rig.write("artifacts/downloads/open", "");
  const { code, stdout, stderr } = await output;
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  return { status: code, text };
}

function sumOf(rig: Rig): number {
  using table = TableFile.open(rig.path("artifacts/latest/last/sum.arrow"), schema);
  return Number(table.column("value")[0]);
}

Deno.test("code that is edited while a run executes is neither executed nor stored as what was planned", async () => {
  using rig = waiting();
  const { status, text } = await runAndEdit(rig, () => rig.edit("helper.ts", "() => 1", "() => 5"));
  assert.equal(status, 0, text);
  assert.equal(sumOf(rig), 2);
  const { stdout } = await rig.run(["-n"]);
  assert.match(stdout, /wait .*`value` changed/);
  rig.edit("helper.ts", "() => 5", "() => 1");
  assert.match((await rig.run()).stdout, /everything is fresh/);
});

Deno.test("what imports stand for may be edited while a run executes", async () => {
  using rig = waiting({ "other.ts": "export const value = () => 5;\n" });
  rig.edit("stages/last.ts", "../helper.ts", "helper");
  const config = JSON.parse(rig.read("deno.json"));
  const withHelper = (helper: string) =>
    JSON.stringify({ ...config, imports: { ...config.imports, helper } });
  rig.write("deno.json", withHelper("./helper.ts"));
  const { status, text } = await runAndEdit(rig, () => {
    rig.write("deno.json", withHelper("./other.ts"));
    Deno.removeSync(rig.path("deno.lock"));
    rig.edit("pipeline.yaml", "waiting", "changed");
  });
  assert.equal(status, 0, text);
  assert.equal(sumOf(rig), 2);
});

Deno.test("a result is not kept if a file at a location was changed while the stage ran", async () => {
  using rig = waiting();
  rig.edit("stages/wait.ts", "gate: z.string()", "gate: z.string().meta(LOCATION)");
  const { status, text } = await runAndEdit(rig, () => rig.write("gate", "open"));
  assert.equal(status, 1, text);
  assert.match(text, /Cannot keep the result of wait as the file at its param "gate" was changed/);
  rig.write("gate", "closed");
  const { wait } = await rig.outcomes(["wait"]);
  assert.equal(wait.outcome, "ran");
});

Deno.test("an error names the file, line and column that the user wrote", async () => {
  using rig = waiting({
    "helper.ts": `/** Not needed. */
interface Unused {
  readonly x: number;
}

export function value(): number {
  const text: string = "too large";
  if (text.length > 3) throw new Error(text);
  return 1;
}
`,
  });
  const { status, text } = await runAndEdit(rig, () => {});
  assert.equal(status, 1);
  assert.match(text, /Error: too large\n +at .*file:\/\/\S*\/helper\.ts:8:30\)/);
  assert.match(text, /stages\/wait\.ts:\d+:\d+\)/);
});

Deno.test("an error in a worker names the file, line and column that the user wrote", async () => {
  using rig = waiting({
    "worker.ts": `import { value } from "./helper.ts";
interface Unused {}
self.postMessage(value() + (undefined as unknown as { x: { y: number } }).x.y);
`,
    "helper.ts": `export const value = () => 1;
export function work(): Promise<number> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message, filename, lineno, colno }) => reject(new Error([message, filename, lineno, colno].join(" ")));
  });
}
`,
  });
  rig.edit("stages/wait.ts", "const { value }", "const { value, work }");
  rig.edit("stages/wait.ts", "value())", "value() + await work())");
  const { status, text } = await runAndEdit(rig, () => {});
  assert.equal(status, 1);
  assert.match(text, /reading 'x'\) file:\/\/\S+\/worker\.ts 3 \d+/);
});

Deno.test("a copy of the code that is damaged is made again, or refused if the code is another", async () => {
  using rig = await Rig.built();
  const [{ name: module }] = [...Deno.readDirSync(rig.path("artifacts/stages"))]
    .filter(({ name, isDirectory }) =>
      isDirectory && rig.read(`artifacts/stages/${name}/entry.js`).includes("Multiplies numbers")
    );
  const path = `artifacts/stages/${module}/entry.js`;
  const text = rig.read(path);
  rig.write(path, text.replace("Multiplies numbers", "Multiplied numbers"));
  assert.equal((await rig.run(["-f", "double@factor=2"])).status, 0);
  assert.equal(rig.read(path), text);
});
