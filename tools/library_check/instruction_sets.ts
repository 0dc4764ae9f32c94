/**
 * The instruction sets to which oneDNN can be limited, and those of them that make a difference
 * here.
 *
 * @module
 */
import { instructionSet } from "../../lib/tensorflow/machine/instruction_set.ts";

/** The values of `ONEDNN_MAX_CPU_ISA` (oneDNN 3.7 to 3.13), each with more than the one before. */
const NAMES = [
  "SSE41",
  "AVX",
  "AVX2",
  "AVX2_VNNI",
  "AVX2_VNNI_2",
  "AVX512_CORE",
  "AVX512_CORE_VNNI",
  "AVX512_CORE_BF16",
  "AVX512_CORE_FP16",
  "AVX512_CORE_AMX",
  "AVX512_CORE_AMX_FP16",
  "AVX10_1_512",
  "AVX10_1_512_AMX",
  "AVX10_1_512_AMX_FP16",
  "DEFAULT",
] as const;

/** A limit to what oneDNN uses. */
export interface InstructionSet {
  /** A value of `ONEDNN_MAX_CPU_ISA`. */
  readonly name: string;
  /** What oneDNN says that it uses. */
  readonly words: string;
}

/**
 * The limits of these names under which oneDNN says different things.
 *
 * @param folder Of the TensorFlow library.
 */
export async function distinctInstructionSets(
  folder: string,
  names: readonly string[] = NAMES,
): Promise<InstructionSet[]> {
  const found: InstructionSet[] = [];
  for (const name of names) {
    const words = await instructionSet(folder, name);
    if (words === null) {
      throw new Error(`Cannot check ${name} as the library in ${folder} does not compute under it`);
    }
    if (!found.some((other) => other.words === words)) found.push({ name, words });
  }
  return found;
}

/** Whether it has products of bfloat16. Asked for them without, TensorFlow ends the process. */
export function hasBfloat16({ words }: InstructionSet): boolean {
  return /AVX-512|AVX10/.test(words);
}
