/**
 * Computes what claims are about: one value a seed.
 *
 * @module
 */
import type { Condition } from "../input/conditions.ts";
import type { ReportInput, Run } from "../input/input.ts";
import {
  EMBEDDING,
  finalFit,
  finalKnn,
  knnAt,
  lastEpoch,
  layersOf,
  probedEpochs,
  probeRow,
} from "../input/measures.ts";
import {
  capacityChanges,
  identityErrors,
  leastTransferGains,
  linearGains,
  toyRises,
} from "./beyond_main.ts";
import { isPairMeasurement, networkPairs, pairDifference } from "./pairs.ts";
import { conditionOf, pairBySeed, runsOf, sweepEnds, type SweptCondition } from "./runs.ts";
import type { Measurement } from "../input/claim.ts";

const FITTED = 0.99;

/**
 * The values of a measurement, one a seed; empty where it was not run.
 */
export function measure(input: ReportInput, measurement: Measurement): number[] {
  if (isPairMeasurement(measurement)) return networkPairs(input, measurement).map(pairDifference);
  const each = (value: (run: Run) => number | undefined) =>
    "condition" in measurement
      ? runsOf(input, measurement.condition).flatMap((run) => value(run) ?? [])
      : [];
  const whole = (values: (input: ReportInput, condition: Condition) => number[]) => {
    const condition = "condition" in measurement
      ? conditionOf(input, measurement.condition)
      : undefined;
    return condition === undefined ? [] : values(input, condition);
  };
  switch (measurement.kind) {
    case "fit":
      return each((run) => 100 * finalFit(run));
    case "knn":
      return each((run) => 100 * finalKnn(run));
    case "first_layer_gain":
      return each((run) => encoderGains(run).at(0));
    case "least_layer_gain":
      return each((run) => least(encoderGains(run)));
    case "clean_fall":
      return each(cleanFall);
    case "encoder_excess":
      return each((run) => encoderExcess(run, measurement.bank));
    case "output_excess":
      return each((run) => outputExcess(run, measurement.bank));
    case "invariance_change":
      return each((run) => invarianceChange(run, EMBEDDING));
    case "invariance_in_encoder":
      return each(invarianceShare);
    case "invariance_correlation":
      return each(invarianceCorrelation);
    case "epochs_ratio":
      return pairBySeed(runsOf(input, measurement.condition), runsOf(input, measurement.over))
        .map(([a, b]) => epochsToFit(a) / epochsToFit(b));
    case "half_gain_epoch":
      return each(halfGainEpoch);
    case "sweep_rise_difference":
      return sweepRiseDifference(input, measurement);
    case "linear_gain":
      return whole(linearGains);
    case "transfer_gain":
      return whole(leastTransferGains);
    case "capacity_change":
      return capacityChanges(input);
    case "toy_rise":
      return toyRises(input);
    case "identity_error":
      return whole(identityErrors);
  }
}

/** Points gained over INIT by each encoder layer, from the input on. */
function encoderGains(run: Run): number[] {
  return encoderLayers(run).flatMap((layer) => {
    const end = probeRow(run, { bank: "clean", layer, epoch: lastEpoch(run) });
    const init = probeRow(run, { bank: "clean", layer, epoch: 0 });
    return end && init ? [100 * (end.accuracy - init.accuracy)] : [];
  });
}

function encoderLayers(run: Run): string[] {
  return layersOf(run).filter(({ projector }) => !projector).map(({ layer }) => layer);
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}

function cleanFall(run: Run): number | undefined {
  const output = layersOf(run).at(-1)!;
  const row = probeRow(run, { bank: "clean", layer: output.layer, epoch: lastEpoch(run) });
  return row && output.projector ? 100 * (finalKnn(run) - row.accuracy) : undefined;
}

function encoderExcess(run: Run, bank: "clean" | "noisy"): number | undefined {
  const values = encoderLayers(run).flatMap((layer) => excess(run, bank, layer) ?? []);
  return values.length === 0 ? undefined : Math.max(...values);
}

function outputExcess(run: Run, bank: "clean" | "noisy"): number | undefined {
  const { layer, projector } = layersOf(run).at(-1)!;
  return projector ? excess(run, bank, layer) : undefined;
}

function excess(run: Run, bank: "clean" | "noisy", layer: string): number | undefined {
  const row = probeRow(run, { bank, layer, epoch: lastEpoch(run) });
  return row && 100 * (row.accuracy - row.chance);
}

function invarianceAt({ invariance }: Run, layer: string, epoch: number): number | undefined {
  return invariance.find((row) => row.layer === layer && row.epoch === epoch)?.invariance;
}

function invarianceChange(run: Run, layer: string): number | undefined {
  const end = invarianceAt(run, layer, lastEpoch(run));
  const init = invarianceAt(run, layer, 0);
  return end === undefined || init === undefined ? undefined : end - init;
}

function invarianceShare(run: Run): number | undefined {
  const encoder = invarianceChange(run, EMBEDDING);
  const whole = invarianceChange(run, layersOf(run).at(-1)!.layer);
  return encoder === undefined || !whole ? undefined : encoder / whole;
}

function invarianceCorrelation(run: Run): number | undefined {
  const pairs = probedEpochs(run).flatMap((epoch) => {
    const invariance = invarianceAt(run, EMBEDDING, epoch);
    return invariance === undefined ? [] : [[invariance, 1 - knnAt(run, epoch)] as const];
  });
  return pairs.length < 3 ? undefined : correlation(pairs);
}

/** Pearson's correlation. */
function correlation(pairs: readonly (readonly [number, number])[]): number {
  const mean = (i: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[i], 0) / pairs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let xx = 0, yy = 0, xy = 0;
  for (const [x, y] of pairs) {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  return xy / Math.sqrt(xx * yy);
}

/** The whole training where the labels are not fitted. */
function epochsToFit(run: Run): number {
  return run.history.find(({ accuracy }) => accuracy >= FITTED)?.epoch ?? lastEpoch(run);
}

function halfGainEpoch({ history }: Run): number | undefined {
  const measured = history.filter(({ knn }) => Number.isFinite(knn));
  const [first, last] = [measured.at(0), measured.at(-1)];
  if (first === undefined || last === undefined || first.epoch !== 0) return undefined;
  const half = (first.knn + last.knn) / 2;
  return measured.find(({ knn }) => knn >= half)!.epoch / last.epoch;
}

/** The rise of the K-NN accuracy from one end of the axis to the other, by seed. */
function sweepRises(input: ReportInput, swept: SweptCondition): Map<string, number> {
  const { lowest, highest } = sweepEnds(input, swept);
  return new Map(
    pairBySeed(highest, lowest).map(([high, low]) => [
      high.axes.seed,
      100 * (finalKnn(high) - finalKnn(low)),
    ]),
  );
}

function sweepRiseDifference(
  input: ReportInput,
  { condition, minus, axis }: Extract<Measurement, { kind: "sweep_rise_difference" }>,
): number[] {
  const others = sweepRises(input, { condition: minus, axis });
  return [...sweepRises(input, { condition, axis })].flatMap(([seed, rise]) => {
    const other = others.get(seed);
    return other === undefined ? [] : [rise - other];
  });
}
