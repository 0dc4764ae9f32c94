import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { LAST_WORDS_VARIABLE, readLastWords } from "../../../lib/base/last_words.ts";
import { libraryFolder, nativeTest } from "../native_library.ts";

/** What a program that dies leaves. */
async function lastWords(what: string): Promise<string[]> {
  const path = await Deno.makeTempFile();
  try {
    const program = fileURLToPath(new URL("last_words_process.ts", import.meta.url));
    const { signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", "--no-check", program, libraryFolder!, what],
      env: { [LAST_WORDS_VARIABLE]: path },
      stderr: "null",
    }).output();
    assert.equal(signal, "SIGABRT");
    return readLastWords(path);
  } finally {
    await Deno.remove(path);
  }
}

nativeTest("a process that dies leaves the operation that TensorFlow was given last", async () => {
  assert.deepEqual(await lastWords("operation"), [
    "TensorFlow runs Transpose float32[2,3] int32[2] T=float32 Tperm=int32",
  ]);
});

nativeTest(
  "a process that dies while a step runs on another thread leaves the step as well",
  async () => {
    assert.deepEqual(await lastWords("step"), [
      "TensorFlow runs Transpose float32[2,3] int32[2] T=float32 Tperm=int32",
      "TensorFlow runs the recorded step product(float32[2,3],float32[3,4]) on another thread",
    ]);
  },
);
