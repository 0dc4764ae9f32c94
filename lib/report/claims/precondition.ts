/**
 * Whether a claim's statement says anything of the runs that were made.
 *
 * @module
 */
import type { Claim } from "../input/claim.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { finalFit, runName } from "../input/measures.ts";
import { memorises } from "./fitting.ts";

/** Why the statement does not apply; `null` where it does. */
export function notApplicable(
  { only, memorization }: Claim,
  trained: readonly Run[],
  { params }: ReportInput,
): string | null {
  const other = trained.flatMap((run) => {
    const settings: Readonly<Record<string, unknown>> = { ...params, ...run.settings };
    return Object.entries(only ?? {}).filter(([name, value]) => settings[name] !== value)
      .map(([name, value]) => `${name} is to be ${value} and is ${settings[name]}`);
  });
  if (other.length > 0) return `the statement is about another setting: ${other[0]}`;
  const unfitted = memorization ? trained.filter((run) => !memorises(run)) : [];
  return unfitted.length === 0
    ? null
    : `no memorization (Definition 4.1 asks for a perfect fit): ${runName(unfitted[0])} fits ${
      (100 * finalFit(unfitted[0])).toFixed(1)
    } % of its labels`;
}
