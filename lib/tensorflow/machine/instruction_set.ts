/**
 * The instruction set for which oneDNN, the library in which TensorFlow computes on CPUs, makes its
 * kernels. Results differ between instruction sets by their rounding.
 *
 * @module
 */
import { runChild } from "../../base/child.ts";
import { INSTRUCTION_SET_VARIABLE } from "../variables.ts";

const ANSWER = /^onednn_verbose,.*\bcpu,isa:(.+)$/m;

/**
 * Asks oneDNN in a child process. TensorFlow's library exports no function that tells.
 *
 * @param folder Of the TensorFlow library.
 * @param limit A value for `ONEDNN_MAX_CPU_ISA`; the user's if undefined.
 * @returns oneDNN's words, e.g. "Intel AVX2"; null if it says nothing, e.g. as it is switched off.
 */
export async function instructionSet(folder: string, limit?: string): Promise<string | null> {
  const program = new URL("./instruction_set_probe.ts", import.meta.url).href;
  const result = await runChild(Deno.execPath(), ["run", "-A", "--quiet", program, folder], {
    env: {
      ONEDNN_VERBOSE: "1",
      CUDA_VISIBLE_DEVICES: "-1",
      ...limit === undefined ? {} : { [INSTRUCTION_SET_VARIABLE]: limit },
    },
  });
  return ANSWER.exec(result?.stdout ?? "")?.[1] ?? null;
}
