/**
 * Opens the best backend, or the one asked for: what a stage calls.
 *
 * @module
 */
import { type BackendChoice, chooseBackend, parseBackendChoice } from "./machine/backend.ts";
import { findLibrary, namedFolder, requireLibraryFiles } from "./install/library.ts";
import type { Runtime } from "./runtime.ts";
import { BACKEND_VARIABLE } from "./variables.ts";
import { findWebGpuAdapter } from "./portable/webgpu.ts";

/** Settings of {@link openRuntime}. */
export interface OpenOptions {
  /** @default {the environment variable BENIGN_BACKEND, else "auto"} */
  backend?: BackendChoice;
  /** Threads of the native library on CPUs; WASM has one. @default {1} */
  threads?: number;
}

/**
 * Opens a backend. In a stage the engine has already chosen: `BENIGN_BACKEND` and
 * `TENSORFLOW_LIBRARY` say what, so that nothing is searched and no other program is started.
 *
 * @throws {Error} if the backend asked for is not there or cannot be started.
 */
export async function openRuntime(options: OpenOptions = {}): Promise<Runtime> {
  const { backend = parseBackendChoice(Deno.env.get(BACKEND_VARIABLE)), threads = 1 } = options;
  const named = namedFolder();
  if (named !== null && (backend === "tensorflow" || backend === "auto")) {
    await requireLibraryFiles(named);
    return await openNativeIn(named, threads);
  }
  const library = backend === "tensorflow" || backend === "auto" ? await findLibrary() : null;
  const chosen = chooseBackend(backend, {
    library,
    libraryProblem: "none was found; `deno task pipeline` installs one where python3 has pip",
    gpu: { kind: "none" },
    // Where there is a library no adapter is looked for: a software driver of WebGPU brings an LLVM
    // of its own into the process, and TensorFlow's then aborts.
    adapter: library !== null || backend === "wasm" ? null : await findWebGpuAdapter(),
  });
  if (chosen.name === "tensorflow") return await openNativeIn(chosen.library.folder, threads);
  const { openPortable } = await import("./portable/runtime.ts");
  return await openPortable(chosen.name);
}

async function openNativeIn(folder: string, threads: number): Promise<Runtime> {
  const { openNative } = await import("./native/runtime.ts");
  return await openNative({ folder, threads });
}
