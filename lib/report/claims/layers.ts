/**
 * Measures claims about layers: clean and noisy probing from the input to the output.
 *
 * @module
 */
import type { ReportInput, Run } from "../input/input.ts";
import { EMBEDDING, lastEpoch, layersOf, probeRow } from "../input/measures.ts";
import type { ClaimCondition } from "../input/measurement.ts";
import { eachRun, type Measured, parts, trend } from "./quantity.ts";
import { runsOf } from "./runs.ts";

type Bank = "clean" | "noisy";

/** Of what the first layer has above chance at INIT, what it has at the end. */
export function firstLayerKept(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const [first] = encoderLayers(run);
    const [end, init] = [lastEpoch(run), 0].map((epoch) => excess(run, "clean", first, epoch));
    return end === undefined || !init ? undefined : end / init;
  });
}

/** What each layer of the encoder gains over INIT, in points. */
export function layerGains(input: ReportInput, condition: ClaimCondition): Measured {
  return byLayer(runsOf(input, condition), gain);
}

/** What layers gain over INIT, along the encoder. */
export function layerGainTrend(input: ReportInput, condition: ClaimCondition): Measured {
  const runs = runsOf(input, condition);
  const layers = sharedLayers(runs);
  const blocks = runs.map((run) => ({
    seed: run.axes.seed,
    values: layers.map((layer) => gain(run, layer)),
  }));
  return trend(layers, blocks, runs);
}

/** How far each layer of the encoder lies above chance at the end, in points. */
export function encoderExcess(
  input: ReportInput,
  condition: ClaimCondition,
  bank: Bank,
): Measured {
  return byLayer(runsOf(input, condition), (run, layer) => excess(run, bank, layer));
}

/** How far the output lies above chance at the end, in points. */
export function outputExcess(input: ReportInput, condition: ClaimCondition, bank: Bank): Measured {
  return eachRun(runsOf(input, condition), (run) => excess(run, bank, outputLayer(run)));
}

/** Of the embedding's features above chance, the share that the output lacks. */
export function outputLoss(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const [embedding, output] = [EMBEDDING, outputLayer(run)]
      .map((layer) => excess(run, "clean", layer));
    return !embedding || output === undefined ? undefined : 1 - output / embedding;
  });
}

/** Of the way from chance to 100 %, the share that noisy probing of the output goes. */
export function outputMemory(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const row = probeRow(run, { bank: "noisy", layer: outputLayer(run), epoch: lastEpoch(run) });
    return row && (row.accuracy - row.chance) / (1 - row.chance);
  });
}

/** Of the output's memory above chance, the share that the embedding has. */
export function encoderMemory(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const [embedding, output] = [EMBEDDING, outputLayer(run)]
      .map((layer) => excess(run, "noisy", layer));
    return embedding === undefined || !output ? undefined : embedding / output;
  });
}

function byLayer(
  runs: readonly Run[],
  measure: (run: Run, layer: string) => number | undefined,
): Measured {
  return parts(
    sharedLayers(runs).map((layer) => ({
      name: layer,
      values: runs.flatMap((run) => measure(run, layer) ?? []),
    })),
    runs,
  );
}

function gain(run: Run, layer: string): number | undefined {
  const [end, init] = [lastEpoch(run), 0].map((epoch) => excess(run, "clean", layer, epoch));
  return end === undefined || init === undefined ? undefined : end - init;
}

function excess(
  run: Run,
  bank: Bank,
  layer: string,
  epoch: number = lastEpoch(run),
): number | undefined {
  const row = probeRow(run, { bank, layer, epoch });
  return row && 100 * (row.accuracy - row.chance);
}

/** The encoder's layers, which all runs of a condition share. */
function sharedLayers(runs: readonly Run[]): string[] {
  return runs.length === 0 ? [] : encoderLayers(runs[0]);
}

function encoderLayers(run: Run): string[] {
  return layersOf(run).filter(({ projector }) => !projector).map(({ layer }) => layer);
}

function outputLayer(run: Run): string {
  return layersOf(run).at(-1)!.layer;
}
