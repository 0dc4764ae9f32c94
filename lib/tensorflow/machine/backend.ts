/**
 * Choosing the backend: the native library where there is one, else a real graphics adapter, else
 * WASM; and saying so in one line.
 *
 * @module
 */
import type { Gpu, GpuState } from "./gpu.ts";
import type { Library } from "../install/library.ts";
import type { BackendName } from "../runtime.ts";
import { BACKEND_VARIABLE } from "../variables.ts";
import type { WebGpuAdapter } from "../portable/webgpu.ts";

/** A backend by name, or the best one that is there. */
export type BackendChoice = "auto" | BackendName;

const CHOICES: readonly BackendChoice[] = ["auto", "tensorflow", "webgpu", "wasm"];

/** A backend that was chosen, with what it will run on. */
export type Backend =
  | { readonly name: "tensorflow"; readonly library: Library; readonly gpus: readonly Gpu[] }
  | { readonly name: "webgpu"; readonly adapter: WebGpuAdapter }
  | { readonly name: "wasm" };

/** What there is to choose from. */
export interface Candidates {
  readonly library: Library | null;
  /** Why there is no library, with what to do about it; shown where one would be faster. */
  readonly libraryProblem: string;
  readonly gpu: GpuState;
  readonly adapter: WebGpuAdapter | null;
}

/**
 * Reads a choice.
 *
 * @param text e.g. the value of {@link BACKEND_VARIABLE}; nothing means "auto".
 * @throws {RangeError} if there is no such backend.
 */
export function parseBackendChoice(text: string | undefined): BackendChoice {
  const choice = CHOICES.find((choice) => choice === (text || "auto"));
  if (choice !== undefined) return choice;
  throw new RangeError(
    `Cannot choose a backend as ${BACKEND_VARIABLE} must be one of ${CHOICES.join(", ")}: ` +
      `current value is "${text}"`,
  );
}

/**
 * Chooses among what there is. `auto` refuses software graphics adapters: they are for tests.
 *
 * @throws {Error} if the backend asked for is not there.
 */
export function chooseBackend(choice: BackendChoice, candidates: Candidates): Backend {
  const { library, adapter, gpu, libraryProblem } = candidates;
  switch (choice) {
    case "tensorflow":
      if (library === null) {
        throw new Error(
          `Cannot use the tensorflow backend as there must be a library: ${libraryProblem}`,
        );
      }
      return nativeBackend(library, gpu);
    case "webgpu":
      if (adapter === null) throw new Error("Cannot use the webgpu backend as there is no adapter");
      return { name: "webgpu", adapter };
    case "wasm":
      return { name: "wasm" };
    case "auto":
      if (library !== null) return nativeBackend(library, gpu);
      return adapter === null || adapter.isSoftware
        ? { name: "wasm" }
        : { name: "webgpu", adapter };
  }
}

function nativeBackend(library: Library, gpu: GpuState): Backend {
  const gpus = library.gpu && gpu.kind === "usable" ? gpu.gpus : [];
  return { name: "tensorflow", library, gpus };
}

/** One line on which backend was taken, why, and what would make it faster. */
export function explainBackend(
  backend: Backend,
  choice: BackendChoice,
  candidates: Candidates,
): string {
  const forced = choice === "auto" ? "" : ` (${BACKEND_VARIABLE}=${choice})`;
  switch (backend.name) {
    case "tensorflow":
      return `Computing with TensorFlow ${backend.library.version} on ${
        devices(backend.gpus)
      }${forced}, ` +
        `library ${ORIGINS[backend.library.origin]}${gpuAdvice(backend.library, candidates.gpu)}.`;
    case "webgpu":
      return `Computing with WebGPU on ${backend.adapter.description}${forced}` +
        (backend.adapter.isSoftware
          ? ", a software renderer, made for tests and far slower than the native library on the same CPU."
          : `${withoutLibrary(choice, candidates)}.`);
    case "wasm":
      return `Computing with WASM on one CPU core${forced}, four to eight times slower than the ` +
        `native library${withoutLibrary(choice, candidates)}.`;
  }
}

const ORIGINS: Record<Library["origin"], string> = {
  TENSORFLOW_LIBRARY: "named by TENSORFLOW_LIBRARY",
  python: "of Python's TensorFlow",
  cache: "from the cache",
};

function devices(gpus: readonly Gpu[]): string {
  if (gpus.length === 0) return "the CPU";
  return gpus.length === 1 ? gpus[0].name : `${gpus.length} GPUs (${gpus[0].name}, ...)`;
}

function gpuAdvice(library: Library, gpu: GpuState): string {
  if (gpu.kind === "unusable") return `; the GPU is not used: ${gpu.reason}; ${gpu.remedy}`;
  if (gpu.kind === "none") return "";
  if (library.gpu) return gpu.note === null ? "" : `; ${gpu.note}`;
  return `; ${gpu.gpus[0].name} is not used: the library is built for CPUs only` +
    (library.origin === "cache" ? "" : " (install a GPU build, or take this one away)");
}

function withoutLibrary(choice: BackendChoice, { libraryProblem, library }: Candidates): string {
  if (choice !== "auto" || library !== null || libraryProblem === "") return "";
  return `: ${libraryProblem.replace(/\.$/, "")}`;
}
