/**
 * Measures claims about experiments beside the main one: the linear probe, other data sets, the
 * capacity, the toy example.
 *
 * @module
 */
import { capacityRuns, fitMeasurement } from "../figures/figure_5_right.ts";
import { transfersOf } from "../figures/figure_9.ts";
import type { LinearProbeRow, ReportInput, ToyRow } from "../input/input.ts";
import { endsOf, measuredOn } from "../input/measured.ts";
import type { ClaimCondition } from "../input/measurement.ts";
import { eachRun, type Measured, type Part, parts, trend, values } from "./quantity.ts";
import { conditionOf, runsOf } from "./runs.ts";

/** The linear probe's accuracy beyond INIT or beyond chance, in points. */
export function linearBeyond(
  input: ReportInput,
  condition: ClaimCondition,
  beyond: "init" | "chance",
): Measured {
  return eachRun(runsOf(input, condition), (run) => {
    const ends = endsOf<LinearProbeRow>(measuredOn(input.linear, run)?.rows ?? []);
    if (ends === undefined) return undefined;
    const { init, end } = ends;
    return 100 * (end.accuracy - (beyond === "init" ? init.accuracy : end.chance));
  });
}

/** What is gained over INIT on each other data set, in points. */
export function transferGain(input: ReportInput, condition: ClaimCondition): Measured {
  const transfers = transfersBy(input, condition);
  const all = [...transfers].map(([target, rows]): Part => ({
    name: target,
    values: rows.map(({ init, end }) => 100 * (end - init)),
  }));
  return parts(all, runsOf(input, condition));
}

/** What one condition has beyond another on each other data set, in points. */
export function transferDifference(
  input: ReportInput,
  condition: ClaimCondition,
  minus: ClaimCondition,
): Measured {
  const others = transfersBy(input, minus);
  const all = [...transfersBy(input, condition)].map(([target, rows]): Part => ({
    name: target,
    values: rows.flatMap(({ run, end }) => {
      const other = others.get(target)?.find((each) => each.run.axes.seed === run.axes.seed);
      return other === undefined ? [] : [100 * (end - other.end)];
    }),
  }));
  return parts(all, runsOf(input, condition));
}

function transfersBy(input: ReportInput, name: ClaimCondition) {
  const condition = conditionOf(input, name);
  const all = condition === undefined ? [] : transfersOf(input, condition);
  return Map.groupBy(all, ({ target }) => target);
}

/** The fit along the number of views: each number of images of each seed is a block. */
export function capacityTrend(input: ReportInput): Measured {
  const points = capacityPoints(input);
  const views = ascending(points.map((point) => point.views));
  const blocks = Map.groupBy(points, ({ seed, samples }) => `${seed}/${samples}`);
  return trend(
    views.map(String),
    [...blocks.values()].map((block) => ({
      seed: block[0].seed,
      values: views.map((each) => block.find((point) => point.views === each)?.fit),
    })),
    [],
  );
}

/** The fit with most views of most images, in %. */
export function capacityFit(input: ReportInput): Measured {
  const points = capacityPoints(input);
  const [samples, views] = (["samples", "views"] as const)
    .map((name) => Math.max(...points.map((point) => point[name])));
  const most = points.filter((point) => point.samples === samples && point.views === views);
  return values(most.map(({ fit }) => 100 * fit), []);
}

function capacityPoints(input: ReportInput) {
  return capacityRuns(input).map((run) => ({ ...fitMeasurement(run), seed: run.axes.seed }));
}

/** The toy encoder's accuracy along one number; the other, and the seed, make the block. */
export function toyTrend(input: ReportInput, along: "samples" | "views"): Measured {
  const across = along === "views" ? "samples" : "views";
  const tables = input.toy ?? [];
  const rows = tables.flatMap((table) => table.rows);
  const points = ascending(rows.map((row) => row[along]));
  const blocks = tables.flatMap(({ axes: { seed }, rows }) => {
    const own = Map.groupBy(rows, (row: ToyRow) => row[across]);
    return [...own.values()].map((block) => ({
      seed,
      values: points.map((point) => block.find((row) => row[along] === point)?.accuracy),
    }));
  });
  return trend(points.map(String), blocks, []);
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
