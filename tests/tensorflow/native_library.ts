/**
 * Where the tests of the native backend find TensorFlow: `TENSORFLOW_LIBRARY`, else what is
 * installed. Without either they are ignored, and say so.
 *
 * @module
 */
import assert from "node:assert/strict";
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

/** Whether the device takes steps in bfloat16; where it does not, it must say why and what to do. */
export function takesBfloat16(runtime: Runtime): boolean {
  try {
    runtime.step("asked", () => [], { precision: "bfloat16" }).dispose();
    return true;
  } catch (error) {
    assert.match((error as Error).message, BFLOAT16_REFUSAL);
    return false;
  }
}

/** What a device says that has no bfloat16. */
export const BFLOAT16_REFUSAL =
  /^Cannot run the step \w+ in bfloat16 as the device must be capable of it: on [CG]PU: .*, a trial (fails|comes out in float32)\. Set `precision: float32`$/s;
