/**
 * Whether oneDNN's kernels use AVX-512, by which some choices between kernels depend.
 *
 * @module
 */
import { INSTRUCTION_SET_VARIABLE } from "../variables.ts";

/**
 * Whether the processor has AVX-512 and the user's limit allows it; false where the system does not
 * tell. A wrong answer costs time and nothing else.
 */
export function usesAvx512(): boolean {
  const limit = Deno.env.get(INSTRUCTION_SET_VARIABLE) ?? "DEFAULT";
  if (/^(SSE|AVX$|AVX2)/i.test(limit)) return false;
  try {
    return /^flags\s*:.*\bavx512bw\b/m.test(Deno.readTextFileSync("/proc/cpuinfo"));
  } catch {
    return false;
  }
}
