/**
 * Computes what claims beyond the main experiment are about: one value a seed.
 *
 * @module
 */
import type { Condition } from "../input/conditions.ts";
import { capacityRuns, fitMeasurement } from "../figures/figure_5_right.ts";
import { transfersOf } from "../figures/figure_9.ts";
import { toyPoints } from "../figures/figure_13.ts";
import { decomposed, identityError } from "../figures/loss_decomposition.ts";
import type { ReportInput } from "../input/input.ts";
import { endsOf, measuredOn } from "../input/measured.ts";

/** Points that the linear probe gains over INIT. */
export function linearGains(input: ReportInput, { runs }: Condition): number[] {
  return runs.flatMap((run) => {
    const ends = endsOf(measuredOn(input.linear, run)?.rows ?? []);
    return ends === undefined ? [] : [100 * (ends.end.accuracy - ends.init.accuracy)];
  });
}

/** Points of K-NN accuracy gained over INIT on the other data set on which least is gained. */
export function leastTransferGains(input: ReportInput, condition: Condition): number[] {
  const byRun = Map.groupBy(transfersOf(input, condition), ({ run }) => run);
  return [...byRun.values()].map((targets) =>
    Math.min(...targets.map(({ init, end }) => 100 * (end - init)))
  );
}

/** Share of per-view labels fitted with most views minus that with fewest, for most samples, points. */
export function capacityChanges(input: ReportInput): number[] {
  const runs = capacityRuns(input);
  const most = Math.max(...runs.map((run) => fitMeasurement(run).samples));
  const bySeed = Map.groupBy(
    runs.filter((run) => fitMeasurement(run).samples === most),
    ({ axes }) => axes.seed,
  );
  return [...bySeed.values()].filter((group) => group.length > 1).map((group) => {
    const points = group.map(fitMeasurement).sort((a, b) => a.views - b.views);
    return 100 * (points.at(-1)!.fit - points[0].fit);
  });
}

/** K-NN accuracy of the toy encoder with most points minus that with fewest, points. */
export function toyRises(input: ReportInput): number[] {
  return (input.toy ?? []).map(({ rows }) => {
    const points = toyPoints({ toy: [{ axes: {}, stageKey: "", settings: {}, rows }] })
      .sort((a, b) => a.samples * a.views - b.samples * b.views);
    return 100 * (points.at(-1)!.rows[0].accuracy - points[0].rows[0].accuracy);
  });
}

/** Largest relative difference of the augmented loss and Inv + Bias. */
export function identityErrors(input: ReportInput, condition: Condition): number[] {
  return decomposed(input, condition).map(({ rows }) => identityError(rows));
}
