import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { libraryFolder, nativeTest } from "../../tensorflow/native_library.ts";
import type { Held } from "./memory_process.ts";

const STEPS = 20_000;
/** By then everything is recorded, and the heaps have their sizes. */
const SETTLED = 4000;

async function train(): Promise<Held[]> {
  const script = fileURLToPath(new URL("memory_process.ts", import.meta.url));
  const flags = ["-A", "--quiet", "--no-check", "--v8-flags=--expose-gc"];
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, script, libraryFolder!],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

nativeTest("20,000 steps of a run are trained in bounded memory", async () => {
  const held = await train();
  assert.equal(held.at(-1)!.step, STEPS);
  // A batch of four tensors is ahead at every evaluation but INIT and the last one.
  assert.deepEqual(held.map(({ tensors }) => tensors), [0, ...new Array(9).fill(4), 0]);
  const settled = held.find(({ step }) => step >= SETTLED)!;
  const grown = (what: "objects" | "native") => (held.at(-1)![what] - settled[what]) / 1e6;
  // 400 bytes that each step left behind would be 6.4 MB by the end.
  assert.ok(grown("objects") < 1, `JavaScript's objects grew by ${grown("objects")} MB`);
  assert.ok(grown("native") < 5, `native memory grew by ${grown("native")} MB`);
});
