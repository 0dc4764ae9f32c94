/**
 * How to have TensorFlow compute by other kernels where it crashes: on CPUs they are those of oneDNN,
 * which has others for every instruction set.
 *
 * @module
 */
import { INSTRUCTION_SET_VARIABLE, ONEDNN_VARIABLE } from "../variables.ts";
import type { Backend } from "./backend.ts";

/** Settings of environment variables, each with what it does; none where the kernels are a GPU's. */
export function otherKernels(backend: Backend): string[] {
  if (backend.name !== "tensorflow" || backend.gpus.length > 0) return [];
  return [
    `${INSTRUCTION_SET_VARIABLE}=AVX for the kernels of an older instruction set`,
    `${ONEDNN_VARIABLE}=0 for kernels without oneDNN, which are slower`,
  ];
}
