/** Tests that need a backend. One backend can be open in a test file. */
import { openNative } from "../../lib/tensorflow/native_runtime.ts";
import { openPortable } from "../../lib/tensorflow/portable_runtime.ts";
import type { Runtime } from "../../lib/tensorflow/runtime.ts";

/** Defines a test that gets a runtime. */
export type BackendTest = (name: string, body: (runtime: Runtime) => Promise<void>) => void;

const folder = Deno.env.get("TENSORFLOW_LIBRARY");

/** On the native backend with one thread; ignored unless TENSORFLOW_LIBRARY names the library's folder. */
export const nativeTest = testOn(() => openNative({ folder: folder!, threads: 1 }), {
  ignore: folder === undefined,
});

/** On WASM, which is there always. */
export const wasmTest = testOn(() => openPortable("wasm"), { ignore: false });

/** On the native backend where it is there, else on WASM. */
export const backendTest = folder === undefined ? wasmTest : nativeTest;

function testOn(open: () => Promise<Runtime>, { ignore }: { ignore: boolean }): BackendTest {
  let opened: Promise<Runtime> | undefined;
  return (name, body) =>
    Deno.test({ name, ignore, fn: async () => await body(await (opened ??= open())) });
}
