import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { instructionSet } from "../../lib/tensorflow/machine/instruction_set.ts";
import { openRuntime } from "../../lib/tensorflow/open.ts";
import { requireSinglePrecision } from "../../lib/tensorflow/single_precision.ts";
import { libraryFolder } from "./native_library.ts";

/** Opens a runtime in a process of its own; answers what it says of its precision. */
async function precisionOf(env: Record<string, string>, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      fileURLToPath(new URL("precision_process.ts", import.meta.url)),
      ...args,
    ],
    env,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout).trim() || decoder.decode(stderr);
}

Deno.test("WASM multiplies in single precision", async () => {
  const runtime = await openRuntime({ backend: "wasm" });
  await requireSinglePrecision(runtime);
  runtime.close();
});

for (const kernels of ["BatchMatMul,_FusedMatMul", "Conv2D,FusedConv2D"]) {
  Deno.test(`a device that rounds operands to TF32 is not opened: ${kernels}`, async () => {
    const said = await precisionOf({}, ["wasm", kernels]);
    assert.match(
      said,
      /^Cannot measure on CPU: .* as its (matrix products|convolutions) must keep/,
    );
    assert.match(said, /as if operands had about 11 bits/);
  });
}

const BFLOAT16 = {
  NVIDIA_TF32_OVERRIDE: "1",
  ONEDNN_DEFAULT_FPMATH_MODE: "BF16",
  TF_SET_ONEDNN_FPMATH_MODE: "BF16",
};

nativeProcessTest(
  "the native library does not round, whatever the environment asks for",
  async () => {
    assert.equal(await precisionOf(BFLOAT16, ["tensorflow"]), "single precision, TF32 0");
  },
);

nativeProcessTest("it may round where the caller allows it, which is found out", async () => {
  const said = await precisionOf(BFLOAT16, ["tensorflow", "", "may round"]);
  // oneDNN rounds only where it is faster so.
  const rounds = /bfloat16/.test(await instructionSet(libraryFolder!) ?? "");
  assert.match(said, rounds ? /as if operands had about 8 bits/ : /^single precision, TF32 1/);
});

function nativeProcessTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: libraryFolder === null });
}
