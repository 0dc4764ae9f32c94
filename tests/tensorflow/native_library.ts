/**
 * Where the tests of the native backend find TensorFlow: `TENSORFLOW_LIBRARY`, else what is
 * installed. Without either they are ignored, and say so.
 *
 * @module
 */
import { openNative } from "../../lib/tensorflow/native/runtime.ts";
import type { Runtime } from "../../lib/tensorflow/runtime.ts";

const folder = await findFolder();

async function findFolder(): Promise<string | null> {
  const given = Deno.env.get("TENSORFLOW_LIBRARY");
  if (given) return given;
  const { findLibrary } = await import("../../lib/tensorflow/install/library.ts");
  return (await findLibrary())?.folder ?? null;
}

let shared: Promise<Runtime> | undefined;

/** One runtime for all tests of a file, which run in an isolate of their own. */
export function nativeRuntime(): Promise<Runtime> {
  return shared ??= openNative({ folder: folder!, threads: 1 });
}

/** The folder of the library, or null. */
export const libraryFolder = folder;

/** A test that needs the library. */
export function nativeTest(name: string, body: (runtime: Runtime) => void | Promise<void>): void {
  Deno.test({
    name: folder === null ? `${name} (ignored: no TensorFlow; set TENSORFLOW_LIBRARY)` : name,
    ignore: folder === null,
    fn: async () => await body(await nativeRuntime()),
  });
}
