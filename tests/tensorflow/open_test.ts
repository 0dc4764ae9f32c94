import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./fake_python.ts";

const PROGRAM = new URL("../../lib/tensorflow/open.ts", import.meta.url);
const NATIVE = Deno.env.get("TENSORFLOW_LIBRARY");

/** Opens a runtime in a process with just these variables and grants; answers what it says. */
async function open(env: Record<string, string>, grants: string[]): Promise<string> {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/open.ts`;
  await Deno.writeTextFile(
    file,
    `import { openRuntime } from "${PROGRAM}";
const { info } = await openRuntime();
console.log(info.backend);
Deno.exit(0);`,
  );
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", `--config=${config}`, ...grants, file],
    env: { BENIGN_BACKEND: "", TENSORFLOW_LIBRARY: "", ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return output.success ? text.decode(output.stdout).trim() : text.decode(output.stderr);
}

/** What the requirement grants for a backend. */
async function grantsOf(backend: string): Promise<string[]> {
  const { createRequirement } = await import("../../lib/tensorflow/requirement.ts");
  const { signal } = new AbortController();
  const context = { log: () => {}, progress: () => {}, signal };
  const variable = (name: string) => name === "BENIGN_BACKEND" ? backend : undefined;
  return (await createRequirement(undefined, variable).prepare(context)).grants;
}

Deno.test("a stage's grants are enough to open WASM", async () => {
  assert.equal(await open({ BENIGN_BACKEND: "wasm" }, await grantsOf("wasm")), "wasm");
});

Deno.test({
  name: "a stage's grants are enough to open the native library (needs TENSORFLOW_LIBRARY)",
  ignore: !NATIVE,
  fn: async () => {
    const env = { BENIGN_BACKEND: "tensorflow", TENSORFLOW_LIBRARY: NATIVE! };
    assert.equal(await open(env, await grantsOf("tensorflow")), "tensorflow");
  },
});

Deno.test("an unknown backend in the environment is an error that lists the known ones", async () => {
  const message = await open({ BENIGN_BACKEND: "cuda" }, ["--allow-env"]);
  assert.match(message, /must be one of auto, tensorflow, webgpu, wasm: current value is "cuda"/);
});

Deno.test("a wrong TENSORFLOW_LIBRARY is an error, not a fallback to WASM", async () => {
  const grants = ["--allow-env", "--allow-read"];
  const message = await open({ TENSORFLOW_LIBRARY: "/nowhere" }, grants);
  assert.match(message, /Cannot use TENSORFLOW_LIBRARY .* current value is "\/nowhere"/);
});
