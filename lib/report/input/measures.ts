/**
 * Numbers read from a run's tables. Accuracies are shares in [0, 1].
 *
 * @module
 */
import { EMBEDDING } from "../../tables/layer_names.ts";
import type { ProbeRow, Run } from "./input.ts";

export { EMBEDDING };

/** A layer of the network, in order from the input. */
export interface LayerName {
  readonly layer: string;
  readonly depth: number;
  /** Whether it comes after the embedding. */
  readonly projector: boolean;
}

/** The last epoch that was probed. */
export function lastEpoch({ probe }: Run): number {
  return Math.max(...probe.map(({ epoch }) => epoch));
}

/** The epochs that were probed, ascending; the first is 0, INIT. */
export function probedEpochs({ probe }: Run): number[] {
  return [...new Set(probe.map(({ epoch }) => epoch))].sort((a, b) => a - b);
}

/** One row of the layer probe, or `undefined` if it was not measured. */
export function probeRow(
  { probe }: Run,
  at: { bank: "clean" | "noisy"; layer: string; epoch: number },
): ProbeRow | undefined {
  return probe.find(({ bank, layer, epoch }) =>
    bank === at.bank && layer === at.layer && epoch === at.epoch
  );
}

/**
 * K-NN accuracy of the embedding on the test split after an epoch.
 *
 * @throws {Error} if it was not measured.
 */
export function knnAt(run: Run, epoch: number): number {
  const row = probeRow(run, { bank: "clean", layer: EMBEDDING, epoch });
  if (row !== undefined) return row.accuracy;
  throw new Error(
    `Cannot read the K-NN accuracy of ${runName(run)} as its probe table must have a row of ` +
      `layer "${EMBEDDING}" and bank "clean" at epoch ${epoch}: current layers are ` +
      `${[...new Set(run.probe.map(({ layer }) => layer))].join(", ") || "none"}`,
  );
}

/** K-NN accuracy of the embedding at the end of training. */
export function finalKnn(run: Run): number {
  return knnAt(run, lastEpoch(run));
}

/** K-NN accuracy of the untrained embedding (INIT). */
export function initKnn(run: Run): number {
  return knnAt(run, 0);
}

/** Share of the unaugmented training samples whose training label is predicted at the end. */
export function finalFit(run: Run): number {
  const last = run.history.at(-1);
  if (last !== undefined) return last.accuracy;
  throw new Error(
    `Cannot read the fit of ${runName(run)} as its history must have a row: it is empty`,
  );
}

/** The accuracy of guessing true classes; `undefined` where no layer was probed. */
export function cleanChance(runs: readonly Run[]): number | undefined {
  return runs.flatMap(({ probe }) => probe).find(({ bank }) => bank === "clean")?.chance;
}

/** The layers that were probed, in order. */
export function layersOf({ probe }: Run): LayerName[] {
  const depths = new Map(probe.map(({ layer, depth }) => [layer, depth]));
  const embedding = depths.get(EMBEDDING) ?? Infinity;
  return [...depths]
    .map(([layer, depth]) => ({ layer, depth, projector: depth > embedding }))
    .sort((a, b) => a.depth - b.depth);
}

/** A run's instance name, as the command line takes it. */
export function runName({ stage, axes }: Run): string {
  return `${stage}@${Object.entries(axes).map(([axis, value]) => `${axis}=${value}`).join(",")}`;
}
