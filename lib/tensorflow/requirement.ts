/**
 * The requirement "tensorflow" of stages: a backend to compute with. Never fails for want of
 * Python: then the run goes on with WebGPU or WASM, and one line says what it costs.
 *
 * @module
 */
import type { Environment } from "../pipeline/stage/job.ts";
import type {
  Check,
  PrepareContext,
  Prepared,
  Requirement,
} from "../pipeline/execute/requirement.ts";
import {
  type Backend,
  chooseBackend,
  explainBackend,
  parseBackendChoice,
} from "./machine/backend.ts";
import { checkMachine } from "./doctor/doctor.ts";
import { wasmBinaryFolder } from "./portable/paths.ts";
import { parseMemoryShare } from "./machine/gpu.ts";
import { adviceOnCrash } from "./machine/crash_advice.ts";
import { type Machine, machine, provision } from "./machine/provision.ts";
import {
  BACKEND_VARIABLE,
  GPU_MEMORY_VARIABLE,
  GPU_NAME_VARIABLE,
  LIBRARY_SETTINGS,
  LIBRARY_VARIABLE,
} from "./variables.ts";

/** Reads an environment variable of the user. */
type Variable = (name: string) => string | undefined;

/**
 * Makes the requirement.
 *
 * @param on The machine; tests bring their own.
 * @param variable The user's settings; tests bring their own.
 */
export function createRequirement(
  on: Machine = machine,
  variable: Variable = (name) => Deno.env.get(name),
): Requirement {
  return {
    async prepare(context: PrepareContext): Promise<Prepared> {
      const choice = parseBackendChoice(variable(BACKEND_VARIABLE));
      const memoryShare = parseMemoryShare(variable(GPU_MEMORY_VARIABLE));
      const candidates = await provision(choice, context, on);
      const backend = chooseBackend(choice, candidates);
      return {
        env: {
          ...environmentOf(backend, memoryShare),
          ...settingsOf(backend, variable),
        },
        grants: grantsOf(backend),
        gpus: gpuCount(backend),
        summary: explainBackend(backend, choice, candidates),
        ...backend.name === "wasm" ? { slowdownFrom: slowdownOfWasm } : {},
        versions: { ...await versionsOf(backend, on), ...settingsOf(backend, variable) },
        onCrash: adviceOnCrash(backend),
      };
    },
    check: (): Promise<Check[]> => checkMachine(variable(BACKEND_VARIABLE), on),
  };
}

/** The middle of what was measured: four to eight times, by the network. */
const WASM_SLOWDOWN = 6;

/** Of WASM against what was there in the past; how it compares with a GPU is not known. */
function slowdownOfWasm({ device, versions }: Environment): number | null {
  if (!("tensorflow" in versions)) return 1;
  return device.startsWith("CPU") ? WASM_SLOWDOWN : null;
}

/** What stages hear of the choice, so that they neither search nor start other programs. */
function environmentOf(backend: Backend, memoryShare?: number): Record<string, string> {
  const chosen = { [BACKEND_VARIABLE]: backend.name };
  if (backend.name !== "tensorflow") return chosen;
  const [gpu] = backend.gpus;
  return {
    ...chosen,
    [LIBRARY_VARIABLE]: backend.library.folder,
    ...gpu ? { [GPU_NAME_VARIABLE]: gpu.name } : {},
    ...gpu && memoryShare !== undefined ? { [GPU_MEMORY_VARIABLE]: String(memoryShare) } : {},
  };
}

/**
 * FFI is granted as a whole: reading what a pointer points to cannot be granted by path, and
 * native code is not confined anyway.
 */
function grantsOf(backend: Backend): string[] {
  const switches = `--allow-env=${BACKEND_VARIABLE},${LIBRARY_VARIABLE}`;
  switch (backend.name) {
    case "tensorflow":
      return [
        "--allow-ffi",
        `--allow-read=${backend.library.folder}`,
        "--allow-env",
        "--allow-sys",
      ];
    case "webgpu":
      return [switches];
    case "wasm":
      return [switches, `--allow-read=${wasmBinaryFolder()}`, "--allow-sys=cpus"];
  }
}

function gpuCount(backend: Backend): number {
  if (backend.name === "tensorflow") return backend.gpus.length;
  return backend.name === "webgpu" && !backend.adapter.isSoftware ? 1 : 0;
}

/** What the user set of the library: stages get it, and their manifests tell. */
function settingsOf(backend: Backend, variable: Variable): Record<string, string> {
  if (backend.name !== "tensorflow") return {};
  return Object.fromEntries(LIBRARY_SETTINGS.flatMap((name) => {
    const value = variable(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

async function versionsOf(backend: Backend, on: Machine): Promise<Record<string, string>> {
  const { version_core: tfjs } = await import("@tensorflow/tfjs-core");
  if (backend.name !== "tensorflow") return { tfjs };
  const { version, folder, origin } = backend.library;
  return {
    tensorflow: version,
    tfjs,
    ...backend.gpus.length > 0 ? await on.cudaVersions(folder) : await oneDnnOf(folder, on),
    // Of the library that this program installs, the version says all: its wheel is pinned.
    ...origin === "cache" ? {} : { library: origin },
  };
}

async function oneDnnOf(folder: string, on: Machine): Promise<Record<string, string>> {
  const oneDNN = await on.instructionSet(folder);
  return oneDNN === null ? {} : { oneDNN };
}

export default createRequirement();
