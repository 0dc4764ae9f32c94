/**
 * Under which instruction sets native code is tested: the processor's own and, where that is more,
 * AVX2, which most processors have at most.
 *
 * @module
 */
import { findLibrary } from "../../lib/tensorflow/install/library.ts";
import { instructionSet } from "../../lib/tensorflow/machine/instruction_set.ts";
import { INSTRUCTION_SET_VARIABLE } from "../../lib/tensorflow/variables.ts";

/** An instruction set and the environment in which native code uses it. */
export interface InstructionSet {
  /** In oneDNN's words. */
  readonly name: string;
  readonly env: Record<string, string>;
}

const COMMON = "AVX2";

/** One or two; just the one that the user set, if any. */
export async function instructionSets(): Promise<InstructionSet[]> {
  const library = await findLibrary();
  if (library === null) return [{ name: "none: there is no TensorFlow library", env: {} }];
  const [own, common] = await Promise.all([
    instructionSet(library.folder),
    instructionSet(library.folder, COMMON),
  ]);
  const first = { name: own ?? "an unknown instruction set", env: {} };
  if (Deno.env.has(INSTRUCTION_SET_VARIABLE) || common === null || common === own) return [first];
  return [first, { name: common, env: { [INSTRUCTION_SET_VARIABLE]: COMMON } }];
}
