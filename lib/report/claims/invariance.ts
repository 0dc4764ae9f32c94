/**
 * Measures claims about normalised invariance (Eq. 2).
 *
 * @module
 */
import type { ReportInput, Run } from "../input/input.ts";
import { EMBEDDING, knnAt, lastEpoch, layersOf, probedEpochs } from "../input/measures.ts";
import type { ClaimCondition } from "../input/measurement.ts";
import { eachRun, type Measured, trend, values } from "./quantity.ts";
import { pairBySeed, runsOf } from "./runs.ts";

/** The embedding's invariance at the epochs that all seeds measured, and at their ends. */
export function invarianceTrend(input: ReportInput, condition: ClaimCondition): Measured {
  const runs = runsOf(input, condition);
  const shared = (runs.at(0)?.invariance ?? []).filter(({ layer }) => layer === EMBEDDING)
    .map(({ epoch }) => epoch)
    .filter((epoch) =>
      runs.every((run) => epoch < lastEpoch(run) && at(run, EMBEDDING, epoch) !== undefined)
    );
  return trend(
    [...shared.map((epoch) => `epoch ${epoch}`), "end"],
    runs.map((run) => ({
      seed: run.axes.seed,
      values: [...shared, lastEpoch(run)].map((epoch) => at(run, EMBEDDING, epoch)),
    })),
    runs,
  );
}

/** The embedding's invariance beside another condition's, at the last epoch that both measured. */
export function invarianceDifference(
  input: ReportInput,
  condition: ClaimCondition,
  minus: ClaimCondition,
): Measured {
  const pairs = pairBySeed(runsOf(input, condition), runsOf(input, minus));
  const differences = pairs.flatMap(([run, other]) => {
    const shared = measuredEpochs(run).filter((epoch) => measuredEpochs(other).includes(epoch));
    const epoch = Math.max(...shared);
    return epoch > 0 ? [at(run, EMBEDDING, epoch)! - at(other, EMBEDDING, epoch)!] : [];
  });
  return values(differences, pairs.flat());
}

/** How invariance and K-NN error go together over the epochs that were probed. */
export function invarianceCorrelation(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const pairs = probedEpochs(run).flatMap((epoch) => {
      const invariance = at(run, EMBEDDING, epoch);
      return invariance === undefined ? [] : [[invariance, 1 - knnAt(run, epoch)] as const];
    });
    return pairs.length < 3 ? undefined : correlation(pairs);
  });
}

/** What the encoder's invariance falls beyond half of the whole network's fall. */
export function invarianceInEncoder(input: ReportInput, condition: ClaimCondition): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const [encoder, whole] = [EMBEDDING, layersOf(run).at(-1)!.layer].map((layer) =>
      fall(run, layer)
    );
    return encoder === undefined || whole === undefined ? undefined : encoder - whole / 2;
  });
}

function fall(run: Run, layer: string): number | undefined {
  const [init, end] = [0, lastEpoch(run)].map((epoch) => at(run, layer, epoch));
  return init === undefined || end === undefined ? undefined : init - end;
}

function at({ invariance }: Run, layer: string, epoch: number): number | undefined {
  return invariance.find((row) => row.layer === layer && row.epoch === epoch)?.invariance;
}

function measuredEpochs({ invariance }: Run): number[] {
  return invariance.filter(({ layer }) => layer === EMBEDDING).map(({ epoch }) => epoch);
}

/** Pearson's correlation; `undefined` where one of the two stays the same. */
function correlation(pairs: readonly (readonly [number, number])[]): number | undefined {
  const mean = (i: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[i], 0) / pairs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let xx = 0, yy = 0, xy = 0;
  for (const [x, y] of pairs) {
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  return xx * yy === 0 ? undefined : xy / Math.sqrt(xx * yy);
}
