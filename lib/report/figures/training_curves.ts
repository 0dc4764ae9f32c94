/**
 * The training curves of every run, a small panel for the runs that differ in their seed alone.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { conditionRank, isMain } from "../input/conditions.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { COLOURS } from "../render/palette.ts";

const PANEL = { width: 150, height: 100, columns: 4 };
const QUANTITIES = [
  { name: "labels fitted", colour: COLOURS.projector, dash: [1, 0], of: "accuracy" },
  { name: "K-NN accuracy on test images", colour: COLOURS.encoder, dash: [5, 3], of: "knn" },
] as const;

/** Training curves. */
export const trainingCurves: FigureDefinition = {
  id: "training-curves",
  title: "How every run went",
  shows: "Share of the training labels that is fitted, and K-NN accuracy of the embedding, " +
    "against the epochs trained: a panel for each kind of run, a line for each seed.",
  build,
};

function build({ runs }: ReportInput): Figure | null {
  const trained = inOrder(runs.filter(({ history }) => history.length > 1));
  if (trained.length === 0) return null;
  const panels = new Set(trained.map(panelName)).size;
  const longest = Math.max(...trained.map(({ history }) => history.at(-1)!.epoch));
  const text = `${trained.length} runs of ${panels} kinds, of up to ${longest} epochs`;
  return {
    description: `${text}.`,
    chart: chart(trained),
    ours: text,
    notes: ["Epochs differ from panel to panel. The data file has the loss as well."],
    runs: trained,
    data: {
      columns: ["run", "seed", "epoch", "loss", "accuracy", "knn", "learning_rate"],
      rows: trained.flatMap((run) =>
        run.history.map((row) => [
          ...[panelName(run).replace("\n", ", "), run.axes.seed, row.epoch, row.loss],
          ...[row.accuracy, row.knn, row.learning_rate],
        ])
      ),
    },
  };
}

/** The main experiment first, each sweep by ascending values. */
function inOrder(runs: readonly Run[]): Run[] {
  const stages = [...new Set(runs.map(({ stage }) => stage))];
  return runs.toSorted((a, b) =>
    Number(isMain(b)) - Number(isMain(a)) ||
    stages.indexOf(a.stage) - stages.indexOf(b.stage) ||
    conditionRank(a.axes) - conditionRank(b.axes) ||
    panelName(a).localeCompare(panelName(b), "en", { numeric: true }) ||
    Number(a.axes.seed) - Number(b.axes.seed)
  );
}

/** "random, cached", and on a second line what a sweep varies. */
function panelName({ axes: { labels, augmentation, seed: _, ...swept } }: Run): string {
  const varied = Object.entries(swept).map(([axis, value]) =>
    `${axis.replaceAll("_", " ")} ${value}`
  );
  return [`${labels} labels, ${augmentation}`, varied.join(", ")].filter(Boolean).join("\n");
}

function chart(runs: readonly Run[]): TopLevelSpec {
  const values = runs.flatMap((run) =>
    QUANTITIES.flatMap(({ name, of }) =>
      run.history.filter((row) => Number.isFinite(row[of])).map((row) => ({
        panel: panelName(run),
        seed: run.axes.seed,
        quantity: name,
        epoch: row.epoch,
        percent: Math.round(1000 * row[of]) / 10,
      }))
    )
  );
  const names = QUANTITIES.map(({ name }) => name);
  const by = { field: "quantity", type: "nominal" as const, title: null, sort: names };
  return {
    data: { values },
    facet: {
      field: "panel",
      type: "nominal",
      title: null,
      sort: [...new Set(values.map(({ panel }) => panel))],
      header: { labelExpr: "split(datum.label, '\\n')", labelFontSize: 11, labelAnchor: "start" },
    },
    columns: PANEL.columns,
    spacing: 16,
    resolve: { scale: { x: "independent" } },
    spec: {
      width: PANEL.width,
      height: PANEL.height,
      mark: { type: "line", strokeWidth: 1.4 },
      encoding: {
        x: {
          field: "epoch",
          type: "quantitative",
          scale: { nice: false },
          axis: {
            title: "Epochs",
            tickCount: 3,
            format: ",d",
            labelFontSize: 10,
            titleFontSize: 11,
          },
        },
        y: {
          field: "percent",
          type: "quantitative",
          scale: { domain: [0, 100] },
          axis: { title: "%", tickCount: 3, labelFontSize: 10, titleFontSize: 11 },
        },
        color: {
          ...by,
          scale: { domain: names, range: QUANTITIES.map(({ colour }) => colour) },
          legend: { symbolType: "stroke", symbolSize: 400 },
        },
        strokeDash: {
          ...by,
          scale: { domain: names, range: QUANTITIES.map(({ dash }) => [...dash]) },
        },
        detail: { field: "seed" },
        tooltip: [
          { field: "quantity", title: "Quantity" },
          { field: "seed", title: "Seed" },
          { field: "epoch", title: "Epoch" },
          { field: "percent", title: "%", format: ".1f" },
        ],
      },
    },
  };
}
