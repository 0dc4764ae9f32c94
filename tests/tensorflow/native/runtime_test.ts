import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { openNative } from "../../../lib/tensorflow/native/runtime.ts";
import { libraryFolder, nativeRuntime, nativeTest } from "../native_library.ts";

nativeTest("the runtime says what it is made of", ({ info }) => {
  assert.equal(info.backend, "tensorflow");
  assert.equal(info.threads, 1);
  assert.match(info.device, /^(CPU|GPU): \S/);
  assert.match(info.versions.tensorflow, /^2\.\d+/);
  assert.equal(info.versions.tfjs, "4.22.0");
});

nativeTest("a second runtime beside an open one is refused", async () => {
  await nativeRuntime();
  await assert.rejects(
    openNative({ folder: libraryFolder!, threads: 1 }),
    /as it is open already: close it first/,
  );
});

nativeTest("strings of any length survive the way to TensorFlow and back", ({ tf }) => {
  tf.tidy(() => {
    const words = ["", "één", "exactly twenty-two byt", "x".repeat(10_000)];
    assert.deepEqual(tf.tensor(words, [2, 2]).reshape([4]).dataSync(), words);
  });
});

nativeTest("bytes are uploaded as they are, not as int32", (runtime) => {
  const values = Uint8Array.of(0, 127, 128, 255);
  const tensor = runtime.bytes([2, 2], values);
  assert.deepEqual(tensor.shape, [2, 2]);
  assert.deepEqual(tensor.dataSync() as unknown, values);
  tensor.dispose();
});

nativeTest("a number of threads that is not natural is refused", async () => {
  (await nativeRuntime()).close();
  for (const threads of [0, -1, 1.5, NaN]) {
    await assert.rejects(
      openNative({ folder: libraryFolder!, threads }),
      (error: Error) =>
        error instanceof RangeError && error.message.includes(`current value is ${threads}`),
    );
  }
});

nativeTest("a closed runtime can be opened again; what belonged to it is refused", async () => {
  const first = await openNative({ folder: libraryFolder!, threads: 1 });
  const variable = first.variable("v", [1], Float32Array.of(1));
  const step = first.step("read", () => [variable.read()]);
  const tensor = step.run()[0];
  first.close();
  first.close();
  assert.throws(() => step.run(), /its runtime is closed|was disposed or never made/);
  [variable, step, tensor].forEach((owner) => owner.dispose());
  const second = await openNative({ folder: libraryFolder!, threads: 1 });
  assert.equal(second.tf.scalar(2).mul(3).dataSync()[0], 6);
  second.close();
});

for (const ending of ["close", "leave"]) {
  nativeTest(`a program that ends without exit() ends cleanly: ${ending} the runtime`, async () => {
    const script = fileURLToPath(new URL("process.ts", import.meta.url));
    const flags = ["--allow-ffi", "--allow-read", "--allow-env", "--no-prompt"];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, script, libraryFolder!, ending],
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout).trim(), "4,8");
  });
}

Deno.test("a folder without the library is refused with its path and the loader's words", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(openNative({ folder, threads: 1 }), (error: Error) => {
    assert.ok(error.message.includes(`Cannot open ${folder}`));
    assert.ok(error.cause instanceof Error);
    return true;
  });
  await Deno.remove(folder);
});
