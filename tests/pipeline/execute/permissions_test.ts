import assert from "node:assert/strict";
import { join } from "node:path";
import { Rig, STAGE_IMPORTS } from "../rig.ts";

/** A pipeline of one stage whose `run` does what a test wants to see refused or allowed. */
function lone(body: string, options: { stage?: string; params?: string; config?: string } = {}) {
  const { stage = "", params = "", config = "" } = options;
  return new Rig({
    "pipeline.yaml": `name: lone\nstages:\n  lone:\n    params: { ${config} }\n`,
    "stages/lone.ts": `${STAGE_IMPORTS}
export default defineStage({
  description: "Tries something",
  params: z.object({ ${params} }),
  inputs: {},
  outputs: { values: defineSchema("values", { value: float64("A number") }) },
  ${stage}
  async run({ params, outputs }) {
    await 0;
    const value = Float64Array.of(1);
    ${body}
    outputs.values.append({ value });
  },
});
`,
    "secret.txt": "42",
  });
}

async function refusal(rig: Rig): Promise<string> {
  const { status, stderr } = await rig.run();
  assert.equal(status, 1, stderr);
  return stderr;
}

Deno.test("a stage that reads a file is told to declare an input or a location", async () => {
  using rig = lone(`Deno.readTextFileSync("SECRET");`);
  rig.edit("stages/lone.ts", "SECRET", rig.path("secret.txt"));
  const message = await refusal(rig);
  assert.match(message, /it may read nothing but its inputs and its code: declare an input for/);
  assert.match(message, /secret\.txt/);
  assert.match(message, /or mark the param that names it as a location/);
});

Deno.test("a stage that computes the name of a file beside its code is told to write it out", async () => {
  using rig = lone(`Deno.readTextFileSync(new URL("../secret" + ".txt", import.meta.url));`);
  const message = await refusal(rig);
  assert.match(message, /it runs from a copy of its code, which holds no secret\.txt: name a file/);
});

Deno.test("a stage that reads another stage's result is told to declare an input", async () => {
  using rig = lone(`for (const _ of Deno.readDirSync(params.store)) { /* looks around */ }`, {
    params: "store: z.string()",
  });
  rig.edit("pipeline.yaml", "params: {", `params: { store: "${rig.path("artifacts", "cas")}",`);
  assert.match(await refusal(rig), /declare an input for ".*cas"/);
});

Deno.test("a stage reads the file at a location, and only that", async () => {
  using rig = lone(`value[0] = Number(Deno.readTextFileSync(params.source));`, {
    params: "source: z.string().meta(LOCATION)",
  });
  rig.edit("pipeline.yaml", "params: {", `params: { source: "${rig.path("secret.txt")}",`);
  const { status, stderr } = await rig.run();
  assert.equal(status, 0, stderr);
  rig.edit("stages/lone.ts", "params.source)", `params.source + "t")`);
  assert.match(await refusal(rig), /declare an input for/);
});

Deno.test("a stage that writes beside its outputs is told to declare an output", async () => {
  using rig = lone(`Deno.writeTextFileSync(params.path, "x");`, { params: "path: z.string()" });
  rig.edit("pipeline.yaml", "params: {", `params: { path: "${rig.path("reports.txt")}",`);
  const message = await refusal(rig);
  assert.match(message, /it may write nothing but its outputs: declare an output in place of/);
  assert.match(message, /reports\.txt/);
});

Deno.test("a stage that reaches the network is told to declare it", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("7"),
  );
  const address = `http://127.0.0.1:${server.addr.port}/`;
  const body = `value[0] = Number(await (await fetch(params.address)).text());`;
  const options = { params: "address: z.string()", config: `address: "${address}"` };
  try {
    using refused = lone(body, options);
    assert.match(
      await refusal(refused),
      /it may not reach the network: declare `network: true` to let it reach "127\.0\.0\.1:\d+"/,
    );
    using allowed = lone(body, { ...options, stage: "network: true," });
    const { status, stderr } = await allowed.run();
    assert.equal(status, 0, stderr);
  } finally {
    await server.shutdown();
  }
});

Deno.test("a stage cannot import code from the network unseen", async () => {
  using rig = lone(`await import(params.module);`, {
    params: "module: z.string()",
    config: `module: "https://deno.land/std@0.224.0/version.ts"`,
  });
  assert.match(await refusal(rig), /it may not reach the network: declare `network: true`/);
});

Deno.test("a stage that starts a program or loads a library is told to require it", async () => {
  using runs = lone(`new Deno.Command("ls").outputSync();`);
  assert.match(await refusal(runs), /declare in `requires` a requirement that grants --allow-run/);
  using loads = lone(`Deno.dlopen("libm.so.6", { cos: { parameters: ["f64"], result: "f64" } });`);
  assert.match(await refusal(loads), /declare in `requires` a requirement that grants --allow-ffi/);
});

Deno.test("a stage's environment holds no secrets of the user", async () => {
  Deno.env.set("RIG_SECRET_TOKEN", "hidden");
  try {
    using rig = lone(
      `if (Deno.env.get("RIG_SECRET_TOKEN") !== undefined) throw new Error("seen");`,
    );
    const { status, stderr } = await rig.run();
    assert.equal(status, 0, stderr);
  } finally {
    Deno.env.delete("RIG_SECRET_TOKEN");
  }
});

Deno.test("a stage cannot change its inputs", async () => {
  using rig = new Rig();
  rig.edit(
    "stages/double.ts",
    "metrics({",
    `Deno.writeTextFileSync(inputs.values.path, "nonsense"); metrics({`,
  );
  const { stderr } = await rig.run();
  assert.match(stderr, /it may write nothing but its outputs/);
  assert.ok([...Deno.readDirSync(join(rig.folder, "artifacts", "cas"))].length > 0);
});
