/** Tests that need a backend: they run on the native one, and are skipped where it is absent. */
import { openNative } from "../../lib/tensorflow/native_runtime.ts";
import type { Runtime } from "../../lib/tensorflow/runtime.ts";

const folder = Deno.env.get("TENSORFLOW_LIBRARY");
let opened: Promise<Runtime> | undefined;

/** Defines a test that gets a runtime of one thread; ignored unless TENSORFLOW_LIBRARY names the library's folder. */
export function backendTest(name: string, body: (runtime: Runtime) => Promise<void>): void {
  Deno.test({
    name,
    ignore: folder === undefined,
    async fn() {
      opened ??= openNative({ folder: folder!, threads: 1 });
      await body(await opened);
    },
  });
}
