/**
 * Figures that show the embedding's K-NN accuracy against an axis of a sweep.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { conditionColour, conditionDash, referenceLines } from "./channels.ts";
import { type Condition, groupConditions } from "../input/conditions.ts";
import { type Estimate, estimate, estimateShare } from "../render/estimate.ts";
import {
  ESTIMATE_TOOLTIP,
  inPercent,
  INTERVAL_MARK,
  MARKS_NOTE,
  SEED_MARK,
} from "../render/estimate_marks.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText } from "../render/format.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { cleanChance, finalFit, finalKnn, initKnn } from "../input/measures.ts";
import { COLOURS } from "../render/palette.ts";
import { axisPosition } from "../input/sweep_axis.ts";

const PLOT = { width: 520, height: 280 };

/** What distinguishes one sweep from another. */
export interface SweepOptions extends Pick<FigureDefinition, "id" | "title" | "shows"> {
  /** The axis of the runs in pipeline.yaml, such as "views". */
  readonly axis: string;
  /** What the axis is, for readers. */
  readonly axisTitle: string;
  /** @default {the name of labels and augmentation} */
  readonly conditionName?: (condition: Condition) => string;
  readonly notes?: readonly string[];
}

/** The figure of a sweep: the mean over seeds of each condition with its interval, and INIT. */
export function sweepFigure(
  { axis, axisTitle, conditionName = ({ name }) => name, notes = [], ...rest }: SweepOptions,
) {
  return {
    ...rest,
    build: (input: ReportInput) => build(input, { axis, axisTitle, conditionName, notes }),
  } satisfies FigureDefinition;
}

type Axis = Required<Pick<SweepOptions, "axis" | "axisTitle" | "conditionName" | "notes">>;

/** All seeds of one condition at one value of the axis. */
interface Point {
  readonly condition: Condition;
  readonly value: string;
  readonly knn: Estimate;
}

function build(
  { runs }: ReportInput,
  { axis, axisTitle, conditionName, notes }: Axis,
): Figure | null {
  const swept = runs.filter(({ axes }) => axis in axes)
    .sort((a, b) => axisPosition(a, axis) - axisPosition(b, axis));
  if (swept.length === 0) return null;
  const conditions = groupConditions(swept)
    .map((condition) => ({ ...condition, name: conditionName(condition) }));
  const points = conditions.flatMap((condition) => pointsOf(condition, axis));
  const init = estimate(swept.map(initKnn)).mean;
  const texts = conditions.map((condition) => {
    const own = points.filter((point) => point.condition === condition);
    const [first, last] = [own[0], own.at(-1)!];
    return `${condition.name}: ${estimateText(first.knn)} at ${axis} ${first.value}, ` +
      `${estimateText(last.knn)} at ${axis} ${last.value}`;
  });
  return {
    description: `${texts.join("; ")}. INIT ${(100 * init).toFixed(1)} %.`,
    chart: chart(conditions, points, { axis, axisTitle, init, chance: cleanChance(swept) }),
    ours: texts.join("; "),
    notes: [
      MARKS_NOTE,
      ...notes,
    ],
    runs: swept,
    data: {
      columns: ["labels", "augmentation", axis, "seed", "init_knn", "knn", "fit"],
      rows: swept.map((run) => [
        run.axes.labels,
        run.axes.augmentation,
        run.axes[axis],
        run.axes.seed,
        initKnn(run),
        finalKnn(run),
        finalFit(run),
      ]),
    },
  };
}

function pointsOf(condition: Condition, axis: string): Point[] {
  return [...Map.groupBy(condition.runs, (run: Run) => axisPosition(run, axis))]
    .sort(([a], [b]) => a - b)
    .map(([, runs]) => ({
      condition,
      value: runs[0].axes[axis],
      knn: estimateShare(runs.map(finalKnn)),
    }));
}

function chart(
  conditions: readonly Condition[],
  points: readonly Point[],
  { axis, axisTitle, init, chance = NaN }: {
    axis: string;
    axisTitle: string;
    init: number;
    chance?: number;
  },
): TopLevelSpec {
  const means = points.map(({ condition, value, knn }) => ({
    condition: condition.name,
    fill: condition.filled ? condition.colour : COLOURS.paper,
    value,
    ...inPercent(knn),
  }));
  const seeds = points.flatMap(({ condition, value, knn }) =>
    knn.values.map((each) => ({ condition: condition.name, value, mean: 100 * each }))
  );
  const order = conditions
    .flatMap(({ runs }) => runs)
    .toSorted((a, b) => axisPosition(a, axis) - axisPosition(b, axis))
    .map(({ axes }) => axes[axis]);
  const color = conditionColour(conditions);
  const y = {
    type: "quantitative" as const,
    scale: { domain: [0, 100] },
    axis: { title: "K-NN accuracy on test images, %", tickCount: 5 },
  };
  return {
    ...PLOT,
    encoding: {
      x: {
        field: "value",
        type: "ordinal",
        sort: [...new Set(order)],
        scale: { type: "point", padding: 0.4 },
        axis: { title: axisTitle, labelAngle: 0 },
      },
    },
    layer: [
      ...referenceLines([
        { text: "INIT", percent: 100 * init },
        { text: "chance", percent: 100 * chance },
      ], PLOT),
      {
        data: { values: means },
        mark: INTERVAL_MARK,
        encoding: { y: { field: "low", ...y }, y2: { field: "high" }, color },
      },
      {
        data: { values: seeds },
        mark: SEED_MARK,
        encoding: { y: { field: "mean", ...y }, color },
      },
      {
        data: { values: means },
        mark: { type: "line", strokeWidth: 2.4 },
        encoding: {
          y: { field: "mean", ...y },
          color,
          strokeDash: conditionDash(conditions),
        },
      },
      {
        data: { values: means },
        mark: { type: "point", size: 60, strokeWidth: 2, opacity: 1 },
        encoding: {
          y: { field: "mean", ...y },
          color,
          fill: { field: "fill", type: "nominal", scale: null },
          tooltip: [
            { field: "condition", title: "Condition" },
            { field: "value", title: axisTitle },
            ...ESTIMATE_TOOLTIP,
          ],
        },
      },
    ],
  };
}
