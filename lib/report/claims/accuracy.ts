/**
 * Measures claims about the accuracy of whole networks: the embedding's by K-NN, and their own.
 *
 * @module
 */
import type { ReportInput, Run } from "../input/input.ts";
import { finalKnn, lastEpoch } from "../input/measures.ts";
import type { ClaimCondition, Measurement } from "../input/measurement.ts";
import {
  atTheEnd,
  differences,
  eachRun,
  type Measured,
  type NetworkPair,
  overInit,
  parts,
  values,
} from "./quantity.ts";
import { axisRuns, poolRuns, runsOf } from "./runs.ts";

/** K-NN accuracy beyond chance, in points. */
export function knnExcess(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const chance = run.probe.find(({ bank }) => bank === "clean")?.chance;
    return chance === undefined ? undefined : 100 * (finalKnn(run) - chance);
  });
}

/** How often the network itself answers the true class of a test image, beyond chance, in points. */
export function ownExcess(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const row = run.probe.find(({ bank, epoch }) => bank === "none" && epoch === lastEpoch(run));
    return row && 100 * (row.accuracy - row.chance);
  });
}

/** What training adds to INIT. */
export function gainsOf(runs: readonly Run[]): Measured {
  return ofPairs(runs.map(overInit), runs);
}

/** What one condition has beyond another of the same seed. */
export function knnDifference(
  input: ReportInput,
  condition: ClaimCondition,
  minus: ClaimCondition,
): Measured {
  const runs = runsOf(input, condition);
  return ofPairs(atTheEnd(runs, runsOf(input, minus)), runs);
}

/** How much wider one gap between conditions is than another. */
export function gapDifference(
  input: ReportInput,
  { gap, minus }: Extract<Measurement, { kind: "gap_difference" }>,
): Measured {
  const [a, b, c, d] = [...gap, ...minus].map((name) =>
    new Map(runsOf(input, name).map((run) => [run.axes.seed, run]))
  );
  const whole = [...a.keys()].filter((seed) => [b, c, d].every((runs) => runs.has(seed)));
  const at = (runs: ReadonlyMap<string, Run>, seed: string) => 100 * finalKnn(runs.get(seed)!);
  return values(
    whole.map((seed) => at(a, seed) - at(b, seed) - at(c, seed) + at(d, seed)),
    [...a.values()],
  );
}

/** What runs whose axis has some value gain over INIT. */
export function axisGain(
  input: ReportInput,
  measurement: Extract<Measurement, { kind: "axis_gain" }>,
): Measured {
  return gainsOf(axisRuns(input, measurement));
}

/** I.i.d. augmentations against all images, both with clean labels. */
export function iidDifference(input: ReportInput): Measured {
  const runs = poolRuns(input, "iid", "clean");
  return ofPairs(atTheEnd(runs, poolRuns(input, "whole", "clean")), runs);
}

function ofPairs(pairs: readonly NetworkPair[], trained: readonly Run[]): Measured {
  return parts([differences(pairs)], trained);
}
