/**
 * Claims about the difference of two networks' K-NN accuracy: which networks those are. They are
 * probed with the same test images, so that their predictions can be compared image by image.
 *
 * @module
 */
import type { ReportInput, Run } from "../input/input.ts";
import { knnAt, lastEpoch } from "../input/measures.ts";
import { axisRuns, pairBySeed, poolRuns, runsOf, sweepEnds } from "./runs.ts";
import type { Measurement } from "../input/claim.ts";

/** A network at some time of its training. */
export interface Network {
  readonly run: Run;
  readonly epoch: number;
}

/** Two networks of one seed: the first's accuracy minus the second's is the claim's value. */
export type NetworkPair = readonly [Network, Network];

/** Measurements that are a difference of two networks' K-NN accuracies. */
export type PairKind =
  | "knn_gain"
  | "knn_difference"
  | "sweep_gain"
  | "sweep_rise"
  | "iid_gain"
  | "iid_difference"
  | "axis_gain";

/** Such a measurement. */
export type PairMeasurement = Extract<Measurement, { kind: PairKind }>;

/** Whether a measurement is a difference of two networks' K-NN accuracies. */
export function isPairMeasurement(measurement: Measurement): measurement is PairMeasurement {
  const kinds: Record<PairKind, true> = {
    knn_gain: true,
    knn_difference: true,
    sweep_gain: true,
    sweep_rise: true,
    iid_gain: true,
    iid_difference: true,
    axis_gain: true,
  };
  return measurement.kind in kinds;
}

/** The networks that a measurement compares, one pair a seed; empty where they were not run. */
export function networkPairs(input: ReportInput, measurement: PairMeasurement): NetworkPair[] {
  switch (measurement.kind) {
    case "knn_gain":
      return runsOf(input, measurement.condition).map(overInit);
    case "knn_difference":
      return atTheEnd(
        runsOf(input, measurement.condition),
        runsOf(input, measurement.minus),
      );
    case "sweep_gain":
      return sweepEnds(input, measurement)[measurement.at].map(overInit);
    case "sweep_rise": {
      const { lowest, highest } = sweepEnds(input, measurement);
      return atTheEnd(highest, lowest);
    }
    case "iid_gain":
      return poolRuns(input, "iid", measurement.labels).map(overInit);
    case "iid_difference":
      return atTheEnd(poolRuns(input, "iid", "clean"), poolRuns(input, "whole", "clean"));
    case "axis_gain":
      return axisRuns(input, measurement).map(overInit);
  }
}

/** Points of K-NN accuracy of the first network beyond the second. */
export function pairDifference([a, b]: NetworkPair): number {
  return 100 * (knnAt(a.run, a.epoch) - knnAt(b.run, b.epoch));
}

function overInit(run: Run): NetworkPair {
  return [{ run, epoch: lastEpoch(run) }, { run, epoch: 0 }];
}

function atTheEnd(runs: readonly Run[], others: readonly Run[]): NetworkPair[] {
  return pairBySeed(runs, others).map(([a, b]) => [
    { run: a, epoch: lastEpoch(a) },
    { run: b, epoch: lastEpoch(b) },
  ]);
}
