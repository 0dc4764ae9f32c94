/**
 * Sees to it that there is a library to compute with: finds one, or installs the build that suits
 * the machine.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import type { BackendChoice, Candidates } from "./backend.ts";
import { detectGpus, type GpuState } from "./gpu.ts";
import { cudaVersions } from "../install/cuda.ts";
import { installLibrary } from "../install/install.ts";
import { findLibrary, type Library } from "../install/library.ts";
import { instructionSet } from "./instruction_set.ts";
import { findWebGpuAdapter } from "../portable/webgpu.ts";
import { wheelFor } from "../install/wheels.ts";
import type { PrepareContext } from "../../pipeline/execute/requirement.ts";

/** How the machine is asked and changed; tests bring their own. */
export interface Machine {
  findLibrary: () => Promise<Library | null>;
  detectGpus: () => Promise<GpuState>;
  findAdapter: typeof findWebGpuAdapter;
  installLibrary: typeof installLibrary;
  hasGpuBuild: () => boolean;
  instructionSet: (folder: string) => Promise<string | null>;
  cudaVersions: typeof cudaVersions;
}

/** This machine. */
export const machine: Machine = {
  findLibrary,
  detectGpus,
  findAdapter: findWebGpuAdapter,
  installLibrary,
  hasGpuBuild: () => wheelFor(true) !== null,
  instructionSet,
  cudaVersions,
};

/** What there is to choose from, without installing anything. */
export async function surveyMachine(
  choice: BackendChoice,
  { findLibrary, detectGpus, findAdapter }: Machine,
): Promise<Candidates> {
  const wantsLibrary = choice === "auto" || choice === "tensorflow";
  const library = wantsLibrary ? await findLibrary() : null;
  return {
    library,
    libraryProblem: "",
    gpu: wantsLibrary ? await detectGpus() : { kind: "none" },
    adapter: library !== null || choice === "wasm" ? null : await findAdapter(),
  };
}

/**
 * As {@link surveyMachine}, but installs a library where one is wanted and none is there, or where
 * there is a usable GPU and the library found is for CPUs only. An installation that fails is a
 * line in the log and a reason in the result, not an error.
 *
 * @throws the signal's reason, if the user interrupts.
 */
export async function provision(
  choice: BackendChoice,
  context: PrepareContext,
  on: Machine = machine,
): Promise<Candidates> {
  const found = await surveyMachine(choice, on);
  if (choice === "webgpu" || choice === "wasm") return found;
  let candidates = found;
  for (const gpu of missingBuilds(found, on.hasGpuBuild())) {
    try {
      return {
        ...found,
        library: await on.installLibrary({ ...context, gpu }),
        libraryProblem: "",
      };
    } catch (error) {
      context.signal.throwIfAborted();
      const libraryProblem = messageOf(error);
      candidates = { ...candidates, libraryProblem };
      if (gpu) context.log(`The CPU is used instead of the GPU: ${libraryProblem}`);
    }
  }
  return candidates;
}

/** The builds to try, best first. A library that the user named is never replaced. */
function missingBuilds({ library, gpu }: Candidates, hasGpuBuild: boolean): boolean[] {
  const wantsGpu = gpu.kind === "usable" && hasGpuBuild;
  if (library === null) return wantsGpu ? [true, false] : [false];
  const replaceable = library.origin !== "TENSORFLOW_LIBRARY" && !library.gpu;
  return wantsGpu && replaceable ? [true] : [];
}
