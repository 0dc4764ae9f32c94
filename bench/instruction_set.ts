/**
 * For which instruction set a bench's sides compute: the processor's own, or a smaller one to which
 * all of them are limited alike.
 *
 * @module
 */
import process from "node:process";
import { findLibrary } from "../lib/tensorflow/install/library.ts";
import { instructionSet } from "../lib/tensorflow/machine/instruction_set.ts";
import { INSTRUCTION_SET_VARIABLE } from "../lib/tensorflow/variables.ts";

/** The variables by which each library is limited, by instruction set. */
const LIMITS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AVX2: {
    [INSTRUCTION_SET_VARIABLE]: "AVX2", // oneDNN: TensorFlow's and PyTorch's
    ATEN_CPU_CAPABILITY: "avx2", // PyTorch's own kernels
    MKL_ENABLE_INSTRUCTIONS: "AVX2", // PyTorch's matrix products
    OPENBLAS_CORETYPE: "Haswell", // NumPy's and scikit-learn's
  },
};

/**
 * Limits this process, before it loads a library, and those that it starts.
 *
 * @throws {RangeError} if there is no such limit.
 */
export function limitInstructionSet(name: string): void {
  const variables = LIMITS[name];
  if (variables === undefined) {
    throw new RangeError(
      `Cannot measure as '--isa' must be one of ${Object.keys(LIMITS).join(", ")}: ` +
        `current value is ${name}`,
    );
  }
  Object.assign(process.env, variables);
}

/** What our side uses, in oneDNN's words; null without a library that tells. */
export async function instructionSetInUse(): Promise<string | null> {
  const library = await findLibrary();
  return library && await instructionSet(library.folder);
}
