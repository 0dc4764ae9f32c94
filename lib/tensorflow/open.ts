/**
 * Opens the best backend, or the one asked for: what a stage calls.
 *
 * @module
 */
import { type BackendChoice, chooseBackend, parseBackendChoice } from "./machine/backend.ts";
import { findLibrary, namedFolder, requireLibraryFiles } from "./install/library.ts";
import { parseMemoryShare } from "./machine/gpu.ts";
import type { Runtime } from "./runtime.ts";
import { requireSinglePrecision } from "./single_precision.ts";
import { BACKEND_VARIABLE, GPU_MEMORY_VARIABLE } from "./variables.ts";
import { findWebGpuAdapter } from "./portable/webgpu.ts";

/** Settings of {@link openRuntime}. */
export interface OpenOptions {
  /** @default {the environment variable BENIGN_BACKEND, else "auto"} */
  backend?: BackendChoice;
  /** Threads of the native library on CPUs; WASM has one. @default {1} */
  threads?: number;
  /**
   * Lets the device round the operands of products, to TF32 for example. Nothing that is measured
   * in such a process is exact: only for finding out how much faster it is. @default {false}
   */
  mayRoundProducts?: boolean;
}

/**
 * Opens a backend, and verifies that its products are in single precision. In a stage the engine
 * has already chosen: `BENIGN_BACKEND` and `TENSORFLOW_LIBRARY` say what, so that nothing is
 * searched and no other program is started.
 *
 * @throws {Error} if the backend asked for is not there, cannot be started or rounds products.
 */
export async function openRuntime(options: OpenOptions = {}): Promise<Runtime> {
  const runtime = await openBackend(options);
  if (options.mayRoundProducts) return runtime;
  try {
    await requireSinglePrecision(runtime);
  } catch (error) {
    runtime.close();
    throw error;
  }
  return runtime;
}

async function openBackend(options: OpenOptions): Promise<Runtime> {
  const { backend = parseBackendChoice(Deno.env.get(BACKEND_VARIABLE)) } = options;
  const named = namedFolder();
  if (named !== null && (backend === "tensorflow" || backend === "auto")) {
    await requireLibraryFiles(named);
    return await openNativeIn(named, options);
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
  if (chosen.name === "tensorflow") return await openNativeIn(chosen.library.folder, options);
  const { openPortable } = await import("./portable/runtime.ts");
  return await openPortable(chosen.name);
}

async function openNativeIn(folder: string, options: OpenOptions): Promise<Runtime> {
  const { threads = 1, mayRoundProducts } = options;
  const { openNative } = await import("./native/runtime.ts");
  const gpuMemoryShare = parseMemoryShare(Deno.env.get(GPU_MEMORY_VARIABLE));
  return await openNative({ folder, threads, mayRoundProducts, gpuMemoryShare });
}
