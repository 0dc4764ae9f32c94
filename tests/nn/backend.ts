/** Tests that need a backend. One backend can be open in a test file. */
import { openPortable } from "../../lib/tensorflow/portable/runtime.ts";
import type { Runtime } from "../../lib/tensorflow/runtime.ts";
import { libraryFolder, nativeTest } from "../tensorflow/native_library.ts";

/** Defines a test that gets a runtime. */
export type BackendTest = (name: string, body: (runtime: Runtime) => Promise<void>) => void;

let wasm: Promise<Runtime> | undefined;

/** A test on WASM, which is there always. */
export const wasmTest: BackendTest = (name, body) =>
  Deno.test(name, async () => await body(await (wasm ??= openPortable("wasm"))));

/** A test on the native backend where it is there, else on WASM. */
export const backendTest: BackendTest = libraryFolder === null ? wasmTest : nativeTest;
