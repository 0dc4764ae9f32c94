/**
 * All checks in the order in which they run: what matters most comes first, as the time is bounded.
 *
 * @module
 */
import type { CheckEntry } from "./check.ts";

/** Installs what the others compute with. */
export const INSTALL: CheckEntry = {
  ...entry("install", { full: 120, reduced: 30 }, 300),
  remedy: "`deno task pipeline -p smoke` installs the same without a limit of time",
};

/** The others. */
export const CHECKS: readonly CheckEntry[] = [
  entry("doctor", { full: 15, reduced: 5 }, 120),
  entry("precision", { full: 20, reduced: 3 }, 60),
  entry("values", { full: 60, reduced: 10 }, 240),
  entry("neighbours", { full: 20, reduced: 5 }, 60),
  entry("measures", { full: 60, reduced: 5 }, 150),
  entry("step_float32", { full: 40, reduced: 6 }, 100),
  entry("training", { full: 50, reduced: 8 }, 150),
  entry("memory", { full: 50, reduced: 3 }, 120),
  entry("step_tf32", { full: 40, reduced: 1 }, 100),
  entry("step_bfloat16", { full: 40, reduced: 8 }, 100),
];

function entry(
  name: string,
  expectedSeconds: CheckEntry["expectedSeconds"],
  limitSeconds: number,
): CheckEntry {
  const module = new URL(`checks/${name}.ts`, import.meta.url).href;
  return { name, module, expectedSeconds, limitSeconds };
}
