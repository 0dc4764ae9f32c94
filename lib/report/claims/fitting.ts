/**
 * Measures claims about how labels are fitted.
 *
 * @module
 */
import type { ReportInput, Run } from "../input/input.ts";
import { finalFit, lastEpoch } from "../input/measures.ts";
import type { ClaimCondition } from "../input/measurement.ts";
import { eachRun, type Measured, parts, values } from "./quantity.ts";
import { pairBySeed, runsOf } from "./runs.ts";

/** Share of labels that counts as a perfect fit. */
export const FITTED = 0.99;
/** Share of all progress that is no progress yet. */
const FIRST_PROGRESS = 0.1;

/** Whether a network has memorised its labels. */
export function memorises(run: Run): boolean {
  return finalFit(run) >= FITTED;
}

/** The fit of each condition. */
export function fits(input: ReportInput, conditions: readonly ClaimCondition[]): Measured {
  const all = conditions.map((name) => ({ name, runs: runsOf(input, name) }));
  return parts(
    all.map(({ name, runs }) => ({ name, values: runs.map((run) => 100 * finalFit(run)) })),
    all.flatMap(({ runs }) => runs),
  );
}

/** Epochs until the labels are fitted, relative to another condition of the same seed. */
export function epochsRatio(
  input: ReportInput,
  condition: ClaimCondition,
  over: ClaimCondition,
): Measured {
  const pairs = pairBySeed(runsOf(input, condition), runsOf(input, over));
  return values(pairs.map(([a, b]) => epochsToFit(a) / epochsToFit(b)), pairs.flat());
}

/** The whole training where the labels are not fitted. */
function epochsToFit(run: Run): number {
  return run.history.find(({ accuracy }) => accuracy >= FITTED)?.epoch ?? lastEpoch(run);
}

/** How long neither training loss nor probing accuracy makes progress, as shares of the training. */
export function plateau(input: ReportInput, condition: ClaimCondition): Measured {
  const runs = runsOf(input, condition);
  const part = (name: string, column: "loss" | "knn") => {
    const shares = eachRun(runs, (run) => plateauShare(run, column)).quantity;
    return { name, values: shares.kind === "values" ? shares.parts[0]?.values ?? [] : [] };
  };
  return parts([part("training loss", "loss"), part("K-NN accuracy", "knn")], runs);
}

function plateauShare({ history }: Run, column: "loss" | "knn"): number | undefined {
  const measured = history.filter((row) => Number.isFinite(row[column]));
  const [first, last] = [measured.at(0), measured.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const progress = (value: number) => (value - first[column]) / (last[column] - first[column]);
  return measured.find((row) => progress(row[column]) >= FIRST_PROGRESS)!.epoch / last.epoch;
}
