/**
 * Figures that show the embedding's K-NN accuracy against an axis of a sweep.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { conditionColour, conditionDash, referenceLine } from "../channels.ts";
import { type Condition, groupConditions } from "../conditions.ts";
import { type Estimate, estimate, estimateShare } from "../estimate.ts";
import type { Figure, FigureDefinition } from "../figure.ts";
import { estimateText } from "../format.ts";
import type { ReportInput, Run } from "../input.ts";
import { finalFit, finalKnn, initKnn } from "../measures.ts";
import { axisPosition } from "../sweep_axis.ts";

const PLOT = { width: 520, height: 280 };

/** What distinguishes one sweep from another. */
export interface SweepOptions extends Pick<FigureDefinition, "id" | "title" | "shows"> {
  /** The axis of the runs in pipeline.yaml, such as "views". */
  readonly axis: string;
  /** What the axis is, for readers. */
  readonly axisTitle: string;
  readonly notes?: readonly string[];
}

/** The figure of a sweep: the mean over seeds of each condition with its interval, and INIT. */
export function sweepFigure({ axis, axisTitle, notes = [], ...rest }: SweepOptions) {
  return {
    ...rest,
    build: (input: ReportInput) => build(input, { axis, axisTitle, notes }),
  } satisfies FigureDefinition;
}

interface Axis {
  readonly axis: string;
  readonly axisTitle: string;
  readonly notes: readonly string[];
}

/** All seeds of one condition at one value of the axis. */
interface Point {
  readonly condition: Condition;
  readonly value: string;
  readonly knn: Estimate;
}

function build({ runs }: ReportInput, { axis, axisTitle, notes }: Axis): Figure | null {
  const swept = runs.filter(({ axes }) => axis in axes)
    .sort((a, b) => axisPosition(a, axis) - axisPosition(b, axis));
  if (swept.length === 0) return null;
  const conditions = groupConditions(swept);
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
    chart: chart(conditions, points, { axis, axisTitle, init }),
    ours: texts.join("; "),
    notes: [
      "Dots are single seeds, lines their means, bars 95 % intervals (Student's t over seeds) " +
      "where there are several.",
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
  { axis, axisTitle, init }: { axis: string; axisTitle: string; init: number },
): TopLevelSpec {
  const means = points.map(({ condition, value, knn: { mean, low, high, n } }) => ({
    condition: condition.name,
    value,
    mean: 100 * mean,
    low: 100 * (low ?? mean),
    high: 100 * (high ?? mean),
    n,
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
      ...referenceLine(100 * init, "INIT", PLOT),
      {
        data: { values: means },
        mark: { type: "rule", strokeWidth: 2.5, opacity: 0.45 },
        encoding: { y: { field: "low", ...y }, y2: { field: "high" }, color },
      },
      {
        data: { values: seeds },
        mark: { type: "circle", size: 20, opacity: 0.6 },
        encoding: { y: { field: "mean", ...y }, color },
      },
      {
        data: { values: means },
        mark: { type: "line", strokeWidth: 2.4, point: { size: 44 } },
        encoding: {
          y: { field: "mean", ...y },
          color,
          strokeDash: conditionDash(conditions),
          tooltip: [
            { field: "condition", title: "Condition" },
            { field: "value", title: axisTitle },
            { field: "mean", title: "Mean, %", format: ".1f" },
            { field: "low", title: "95 % interval from", format: ".1f" },
            { field: "high", title: "to", format: ".1f" },
            { field: "n", title: "Seeds" },
          ],
        },
      },
    ],
  };
}
