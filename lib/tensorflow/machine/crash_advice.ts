/**
 * What to try where TensorFlow crashes. On CPUs its kernels are those of oneDNN, which has others
 * for every instruction set.
 *
 * @module
 */
import { INSTRUCTION_SET_VARIABLE, ONEDNN_VARIABLE } from "../variables.ts";
import type { Backend } from "./backend.ts";

/** Settings of environment variables and commands, each with what it does. */
export function adviceOnCrash(backend: Backend): string[] {
  if (backend.name !== "tensorflow" || backend.gpus.length > 0) return [];
  return [
    `${INSTRUCTION_SET_VARIABLE}=AVX for the kernels of an older instruction set`,
    `${ONEDNN_VARIABLE}=0 for kernels without oneDNN, which are slower`,
    "deno task library-check to find the operations that go wrong here, for a report",
  ];
}
