import assert from "node:assert/strict";
import type { Requirement } from "../../../lib/pipeline/execute/requirement.ts";
import { Rig, STAGE_IMPORTS } from "../rig.ts";

const VALUES = `defineSchema("values", { value: float64("A number") })`;

/** A pipeline of one stage that misbehaves. */
function lone(body: string, stage = "", outputs = `{ values: ${VALUES} }`): Rig {
  return new Rig({
    "pipeline.yaml": "name: lone\nstages:\n  lone: {}\n",
    "stages/lone.ts": `${STAGE_IMPORTS}
export default defineStage({
  description: "Misbehaves",
  params: z.object({}),
  inputs: {},
  outputs: ${outputs},
  ${stage}
  async run({ outputs, progress, checkpoint }) {
    await 0;
    const value = Float64Array.of(1);
    ${body}
  },
});
`,
  });
}

async function failure(rig: Rig): Promise<string> {
  const { status, stderr } = await rig.run();
  assert.equal(status, 1, stderr);
  assert.deepEqual([...Deno.readDirSync(rig.path("artifacts"))].filter((e) => e.name === "ac"), []);
  return stderr;
}

Deno.test("whatever a stage prints is its log, also what looks like an event", async () => {
  using rig = lone(`
    console.log('event-1 {"type":"done","outputs":{}}');
    console.error("\\x00\\xff garbage \\u{1F600}");
    Deno.stdout.writeSync(Uint8Array.of(0xff, 0xfe, 10, 123, 125));
    Deno.stdout.writeSync(new TextEncoder().encode('{"type":"failed"}\\nno end of line'));
    outputs.values.append({ value });`);
  const { status, stderr } = await rig.run();
  assert.equal(status, 0, stderr);
  const [log] = [...Deno.readDirSync(rig.path("artifacts/logs"))];
  const text = rig.read(`artifacts/logs/${log.name}`);
  assert.match(text, /event-1 \{"type":"done"/);
  assert.match(text, /no end of line/);
});

Deno.test("a line of many megabytes is taken in bounded memory", async () => {
  using rig = lone(`
    const chunk = new Uint8Array(1 << 20).fill(97);
    for (let i = 0; i < 40; i++) await Deno.stdout.write(chunk);
    outputs.values.append({ value });`);
  const { status, stderr } = await rig.run();
  assert.equal(status, 0, stderr);
});

Deno.test("a stage that exits without its outputs fails and says so", async () => {
  using rig = lone(`console.error("good-bye"); Deno.exit(0);`);
  const message = await failure(rig);
  assert.match(message, /ended with status 0 before its outputs were finished/);
  assert.match(message, /good-bye/);
});

Deno.test("an output that was never written is named", async () => {
  using table = lone("");
  assert.match(await failure(table), /output "values" was never written: append its rows/);
  using files = lone("", "", "{ page: published() }");
  assert.match(await failure(files), /output "page" was never written: write its files/);
});

Deno.test("a column of another type, or one that is not declared, is named", async () => {
  using type = lone(`outputs.values.append({ value: Int32Array.of(1) });`);
  assert.match(
    await failure(type),
    /its column "value" must be float64 in a Float64Array: current value is of type Int32Array/,
  );
  using extra = lone(`outputs.values.append({ value, other: value });`);
  assert.match(await failure(extra), /it has no column "other": declare it in the schema "values"/);
  using missing = lone(`outputs.values.append({});`);
  assert.match(await failure(missing), /the column "value" is missing/);
});

Deno.test("a file that a stage does not declare is named", async () => {
  using rig = lone(`
    const { outputFolder } = JSON.parse(Deno.readTextFileSync(Deno.args[0]));
    Deno.mkdirSync(outputFolder + "/deep");
    Deno.writeTextFileSync(outputFolder + "/deep/extra.csv", "1,2");
    outputs.values.append({ value });`);
  assert.match(await failure(rig), /the stage wrote what it does not declare: deep\/extra\.csv/);
});

Deno.test("a file outside of an output's folder is refused", async () => {
  using rig = lone(`outputs.page.write("../up.html", "x");`, "", "{ page: published() }");
  assert.match(
    await failure(rig),
    /Cannot write "\.\.\/up\.html" to output "page" as its name "\.\." starts with a dot/,
  );
});

Deno.test("a stage that runs out of memory is told apart", async () => {
  const small: Requirement = {
    prepare: () =>
      Promise.resolve({
        env: { DENO_V8_FLAGS: "--max-old-space-size=40" },
        grants: [],
        gpus: 0,
        summary: "",
        versions: {},
      }),
    check: () => Promise.resolve([]),
  };
  using rig = lone(
    `const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length));`,
    `requires: ["small"],`,
  );
  const { status, stderr } = await rig.run([], {
    requirements: { small: () => Promise.resolve(small) },
  });
  assert.equal(status, 1);
  assert.match(stderr, /it ran out of memory: make its params smaller/);
});

/** Runs a stage that ends its own process by a signal; its requirement knows what to try. */
async function endedBy(signal: Deno.Signal, before = ""): Promise<string> {
  using rig = lone(
    `${before} Deno.kill(Deno.pid, "${signal}"); await new Promise(() => {});`,
    `requires: ["native"],`,
  );
  const native: Requirement = {
    prepare: () =>
      Promise.resolve({
        env: {},
        grants: ["--allow-run"],
        gpus: 0,
        summary: "",
        versions: {},
        onCrash: ["another processor", "less of it"],
      }),
    check: () => Promise.resolve([]),
  };
  const { status, stderr } = await rig.run([], {
    requirements: { native: () => Promise.resolve(native) },
  });
  assert.equal(status, 1);
  return stderr;
}

Deno.test("a stage that is killed is told apart", async () => {
  const message = await endedBy("SIGKILL");
  assert.match(message, /was killed \(SIGKILL\), as the system does when memory runs out/);
  assert.match(message, /declare `resources: \{ memory: GiB \}`/);
  assert.doesNotMatch(message, /to try/, "no fault of what it requires");
});

Deno.test("a stage that a fault ends tells the signal, its last words and what to try", async () => {
  const note = `Deno.writeTextFileSync(Deno.env.get("LAST_WORDS_FILE"), "multiply\\0\\0\\0add\\0");
    console.error("corrupted");`;
  const lines = (await endedBy("SIGABRT", note)).split("\n").map((line) => line.trim());
  const first = lines.findIndex((line) => line.includes("was ended by SIGABRT"));
  assert.deepEqual(lines.slice(first + 1, first + 5), [
    "its last words: multiply",
    "its last words: add",
    "to try: another processor",
    "to try: less of it",
  ]);
  assert.match(lines[first + 5], /^corrupted/, "what it printed last");
});

Deno.test("a stage that a fault ends without last words, or in the middle of them, tells the rest", async () => {
  assert.doesNotMatch(await endedBy("SIGABRT"), /last words/);
  const endless =
    `Deno.writeFileSync(Deno.env.get("LAST_WORDS_FILE"), new Uint8Array(1e6).fill(255));`;
  const message = await endedBy("SIGABRT", endless);
  assert.match(message, /was ended by SIGABRT/);
  assert.ok(message.length < 100_000);
});

Deno.test("an error keeps its cause, and with -k independent instances go on", async () => {
  using rig = new Rig();
  rig.edit(
    "stages/double.ts",
    "const value",
    `if (params.factor === 2) throw new Error("no twos", { cause: new Error("tired") });\n    const value`,
  );
  const { status, stdout, stderr } = await rig.run(["-k"]);
  assert.equal(status, 1);
  assert.match(stderr, /no twos/);
  assert.match(stderr, /caused by .*tired/);
  assert.match(stderr, /ran +double@factor=3/);
  assert.match(stdout, /2 ran, 0 restored, 0 fresh, 1 failed, 1 skipped/);
});
