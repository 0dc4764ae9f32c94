/**
 * Figure 2: training loss and K-NN accuracy against epochs.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import {
  conditionColour,
  conditionDash,
  type Reference,
  referenceLines,
  zoom,
} from "./channels.ts";
import { benignCondition, type Condition, mainConditions } from "../input/conditions.ts";
import { estimate, estimateShare } from "../render/estimate.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText } from "../render/format.ts";
import { initBySeed } from "../input/init.ts";
import type { HistoryRow, ReportInput, Run } from "../input/input.ts";
import { cleanChance } from "../input/measures.ts";

const PANEL = { width: 330, height: 260 };

/** Grid lines between powers of ten would make a hatching. */
const POWER_OF_TEN = {
  test: "abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) < 1e-6",
  value: 1,
};
const POWERS_ONLY = `${POWER_OF_TEN.test} ? datum.label : ""`;

/** Training curves. */
export const figure2: FigureDefinition = {
  id: "figure-2",
  title: "Training loss and K-NN accuracy over training",
  shows: "Left the training loss, right the K-NN accuracy of the embedding, against the epochs " +
    "trained: thin lines are single seeds, thick ones their mean.",
  build,
};

function build(input: ReportInput): Figure | null {
  const conditions = mainConditions(input).filter(({ runs }) =>
    runs.every(({ history }) => history.length > 0)
  );
  if (conditions.length === 0) return null;
  const benign = benignCondition(input) ?? conditions[0];
  const runs = conditions.flatMap((condition) => condition.runs);
  return {
    description: conditions.map(({ name, runs }) =>
      `${name}: trained for up to ${lastOf(runs.map(({ history }) => history.at(-1)!.epoch))} ` +
      `epochs, final K-NN accuracy ${
        estimateText(estimateShare(runs.map(({ history }) => lastMeasured(history))))
      }.`
    ).join(" "),
    chart: chart(conditions, estimateShare(initBySeed(input)).mean),
    ours: `${benign.name}: K-NN ends at ${
      estimateText(estimateShare(benign.runs.map(({ history }) => lastMeasured(history))))
    }`,
    notes: [
      "Runs stop when they fit their labels, so lines end at different epochs; a mean is drawn " +
      "where every seed has a value. Both axes of the loss and the epochs are logarithmic.",
      "With augmentation the loss is that of the augmented views.",
      ...queryNotes(runs),
    ],
    runs,
    data: {
      columns: ["labels", "augmentation", "seed", "epoch", "loss", "knn", "accuracy"],
      rows: runs.flatMap(({ axes, history }) =>
        history.map(({ epoch, loss, knn, accuracy }) => [
          axes.labels,
          axes.augmentation,
          axes.seed,
          epoch,
          loss,
          knn,
          accuracy,
        ])
      ),
    },
  };
}

/** In the course of training fewer test images may be queried than at its end. */
function queryNotes(runs: readonly Run[]): string[] {
  const counts = new Set(runs.map(({ settings }) => settings.knn_queries));
  const [count] = counts;
  return counts.size === 1 && typeof count === "number"
    ? [`Here K-NN queries the first ${count} test images; Table 2 queries all.`]
    : [];
}

/** One point of a line. */
interface Point {
  readonly condition: string;
  readonly seed: string;
  readonly epoch: number;
  readonly value: number;
}

type Quantity = "loss" | "knn";
type Scale = { type?: "log"; domain?: [number, number]; nice?: false; padding?: number };
type Axis = {
  format?: string;
  labelExpr?: string;
  tickCount?: number;
  gridOpacity?: { condition: { test: string; value: number }; value: number };
};

function chart(conditions: readonly Condition[], init: number): TopLevelSpec {
  const chance = cleanChance(conditions.flatMap(({ runs }) => runs));
  return {
    hconcat: [
      panel(conditions, "loss", {
        title: "Training loss",
        scale: { type: "log", nice: false, padding: 6 },
        axis: {
          format: "~g",
          labelExpr: POWERS_ONLY,
          gridOpacity: { condition: POWER_OF_TEN, value: 0 },
        },
      }),
      panel(conditions, "knn", {
        title: "K-NN accuracy on test images, %",
        scale: { domain: [0, 100] },
        axis: { tickCount: 5 },
        references: [
          { text: "INIT", percent: 100 * init },
          { text: "chance", percent: chance === undefined ? undefined : 100 * chance },
        ],
      }),
    ],
    spacing: 40,
  };
}

interface PanelOptions {
  readonly title: string;
  readonly scale: Scale;
  readonly axis: Axis;
  readonly references?: readonly Reference[];
}

function panel(
  conditions: readonly Condition[],
  quantity: Quantity,
  { title, scale, axis, references = [] }: PanelOptions,
) {
  const factor = quantity === "knn" ? 100 : 1;
  const seeds = conditions.flatMap((condition) => seedPoints(condition, quantity, factor));
  const means = conditions.flatMap((condition) =>
    meanPoints(seeds.filter((point) => point.condition === condition.name), condition.runs.length)
  );
  const encoding = encodingOf(conditions, { title, scale, axis });
  return {
    ...PANEL,
    layer: [
      ...referenceLines(references, PANEL),
      {
        data: { values: seeds },
        params: [zoom(quantity)],
        mark: { type: "line" as const, strokeWidth: 1, opacity: 0.4 },
        encoding: { ...encoding, detail: { field: "seed" } },
      },
      {
        data: { values: means },
        mark: { type: "line" as const, strokeWidth: 2.6 },
        encoding,
      },
    ],
  };
}

function encodingOf(conditions: readonly Condition[], { title, scale, axis }: PanelOptions) {
  return {
    x: {
      field: "epoch",
      type: "quantitative" as const,
      scale: { type: "log" as const, nice: false, padding: 6 },
      axis: { title: "Epochs trained (log scale)", format: ",d", tickCount: 4 },
    },
    y: { field: "value", type: "quantitative" as const, scale, axis: { ...axis, title } },
    color: conditionColour(conditions, 2),
    strokeDash: conditionDash(conditions),
    tooltip: [
      { field: "condition", title: "Condition" },
      { field: "seed", title: "Seed" },
      { field: "epoch", title: "Epoch", format: "d" },
      { field: "value", title, format: ".3~r" },
    ],
  };
}

function seedPoints({ name, runs }: Condition, quantity: Quantity, factor: number): Point[] {
  return runs.flatMap(({ axes, history }) =>
    history
      .filter((row) => row.epoch > 0 && Number.isFinite(row[quantity]))
      .map((row) => ({
        condition: name,
        seed: axes.seed,
        epoch: row.epoch,
        value: factor * row[quantity],
      }))
  );
}

/** The mean over seeds, at the epochs where every seed has a value. */
function meanPoints(points: readonly Point[], seeds: number): Point[] {
  return [...Map.groupBy(points, ({ epoch }) => epoch)]
    .filter(([, group]) => group.length === seeds)
    .sort(([a], [b]) => a - b)
    .map(([epoch, group]) => ({
      condition: group[0].condition,
      seed: `mean of ${seeds}`,
      epoch,
      value: estimate(group.map(({ value }) => value)).mean,
    }));
}

function lastMeasured(history: readonly HistoryRow[]): number {
  return history.findLast(({ knn }) => Number.isFinite(knn))?.knn ?? NaN;
}

function lastOf(epochs: readonly number[]): number {
  return Math.max(...epochs);
}
