/**
 * Computes what claims are about.
 *
 * @module
 */
import type { ReportInput } from "../input/input.ts";
import { finalFit, finalKnn } from "../input/measures.ts";
import type { Measurement } from "../input/measurement.ts";
import * as accuracy from "./accuracy.ts";
import * as fitting from "./fitting.ts";
import * as invariance from "./invariance.ts";
import * as layers from "./layers.ts";
import * as other from "./other_experiments.ts";
import { eachRun, type Measured } from "./quantity.ts";
import { poolRuns, runsOf } from "./runs.ts";
import * as sweeps from "./sweeps.ts";

/** Measures; without values or blocks where it was not run. */
export function measure(input: ReportInput, measurement: Measurement): Measured {
  switch (measurement.kind) {
    case "fit":
      return eachRun(runsOf(input, measurement.condition), (run) => 100 * finalFit(run));
    case "fits":
      return fitting.fits(input, measurement.conditions);
    case "epochs_ratio":
      return fitting.epochsRatio(input, measurement.condition, measurement.over);
    case "plateau":
      return fitting.plateau(input, measurement.condition);
    case "knn":
      return eachRun(runsOf(input, measurement.condition), (run) => 100 * finalKnn(run));
    case "knn_excess":
      return accuracy.knnExcess(input, measurement.condition);
    case "own_excess":
      return accuracy.ownExcess(input, measurement.condition);
    case "knn_gain":
      return accuracy.gainsOf(runsOf(input, measurement.condition));
    case "knn_difference":
      return accuracy.knnDifference(input, measurement.condition, measurement.minus);
    case "gap_difference":
      return accuracy.gapDifference(input, measurement);
    case "axis_gain":
      return accuracy.axisGain(input, measurement);
    case "iid_gain":
      return accuracy.gainsOf(poolRuns(input, "iid", measurement.labels));
    case "iid_difference":
      return accuracy.iidDifference(input);
    case "first_layer_kept":
      return layers.firstLayerKept(input, measurement.condition);
    case "layer_gains":
      return layers.layerGains(input, measurement.condition);
    case "layer_gain_trend":
      return layers.layerGainTrend(input, measurement.condition);
    case "output_loss":
      return layers.outputLoss(input, measurement.condition);
    case "output_excess":
      return layers.outputExcess(input, measurement.condition, measurement.bank);
    case "output_memory":
      return layers.outputMemory(input, measurement.condition);
    case "encoder_excess":
      return layers.encoderExcess(input, measurement.condition, measurement.bank);
    case "encoder_memory":
      return layers.encoderMemory(input, measurement.condition);
    case "invariance_trend":
      return invariance.invarianceTrend(input, measurement.condition);
    case "invariance_difference":
      return invariance.invarianceDifference(input, measurement.condition, measurement.minus);
    case "invariance_correlation":
      return invariance.invarianceCorrelation(input, measurement.condition);
    case "invariance_in_encoder":
      return invariance.invarianceInEncoder(input, measurement.condition);
    case "sweep_trend":
      return sweeps.sweepTrend(input, measurement);
    case "sweep_gap_trend":
      return sweeps.sweepGapTrend(input, measurement);
    case "sweep_gaps":
      return sweeps.sweepGaps(input, measurement);
    case "sweep_crossing":
      return sweeps.sweepCrossing(input, measurement);
    case "sweep_gain":
      return sweeps.sweepGain(input, measurement);
    case "sweep_plateau":
      return sweeps.sweepPlateau(input, measurement);
    case "sweep_threshold":
      return sweeps.sweepThreshold(input, measurement);
    case "linear_gain":
      return other.linearBeyond(input, measurement.condition, "init");
    case "linear_excess":
      return other.linearBeyond(input, measurement.condition, "chance");
    case "transfer_gain":
      return other.transferGain(input, measurement.condition);
    case "transfer_difference":
      return other.transferDifference(input, measurement.condition, measurement.minus);
    case "capacity_trend":
      return other.capacityTrend(input);
    case "capacity_fit":
      return other.capacityFit(input);
    case "toy_trend":
      return other.toyTrend(input, measurement.along);
  }
}
