/**
 * The picture for a reader in a hurry: K-NN accuracy of every condition beside INIT.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { type Condition, mainConditions } from "../input/conditions.ts";
import { estimateShare } from "../render/estimate.ts";
import { ESTIMATE_TOOLTIP, inPercent, INTERVAL_MARK } from "../render/estimate_marks.ts";
import { estimateText, percent } from "../render/format.ts";
import type { ReportInput } from "../input/input.ts";
import { cleanChance, finalFit, finalKnn } from "../input/measures.ts";
import { initBySeed } from "../input/init.ts";
import { COLOURS } from "../render/palette.ts";

const INIT_NAME = "Untrained (INIT)";
const PLOT_WIDTH = 420;
const ROW_HEIGHT = 40;
/** Where notes begin: right of the widest label at 100 %. */
const NOTE_X = PLOT_WIDTH + 76;

/** One dot plot row. */
interface Row {
  readonly name: string;
  readonly colour: string;
  readonly filled: boolean;
  readonly values: readonly number[];
  readonly note: string;
}

/** The chart and its text for who cannot see it. */
export function headline(input: ReportInput): { chart: TopLevelSpec; description: string } {
  const conditions = mainConditions(input);
  const init = initBySeed(input);
  const rows: Row[] = [
    { name: INIT_NAME, colour: COLOURS.init, filled: true, values: init, note: "" },
    ...conditions.map(conditionRow),
  ];
  const texts = rows.map(({ name, values }) => `${name}: ${estimateText(estimateShare(values))}`);
  return {
    chart: dotPlot(rows, cleanChance(conditions.flatMap(({ runs }) => runs))),
    description: `K-NN accuracy of the embedding on test images. ${texts.join("; ")}.`,
  };
}

function conditionRow(condition: Condition): Row {
  const fit = estimateShare(condition.runs.map(finalFit));
  return {
    name: condition.name,
    colour: condition.colour,
    filled: condition.filled,
    values: condition.runs.map(finalKnn),
    note: `fits ${percent(fit.mean)} % of its labels`,
  };
}

function dotPlot(rows: readonly Row[], chance: number | undefined): TopLevelSpec {
  const summaries = rows.map(({ name, colour, filled, values, note }) => {
    const knn = estimateShare(values);
    return {
      name,
      colour,
      fill: filled ? colour : COLOURS.paper,
      ...inPercent(knn),
      label: `${percent(knn.mean)} %`,
      note,
    };
  });
  const seeds = rows.flatMap(({ name, colour, values }) =>
    values.map((value) => ({ name, colour, value: 100 * value }))
  );
  const init = summaries[0].mean;
  const y = {
    field: "name",
    type: "nominal" as const,
    sort: rows.map(({ name }) => name),
    axis: { title: null, labelLimit: 0, labelFontSize: 13, labelColor: COLOURS.ink },
  };
  const x = {
    type: "quantitative" as const,
    scale: { domain: [0, 100] },
    axis: { title: "K-NN accuracy on test images, %", tickCount: 6 },
  };
  const marks = [
    ...(chance === undefined ? [] : [{ x: 100 * chance, text: "chance ", align: "right" }]),
    { x: init, text: " INIT", align: "left" },
  ];
  return {
    width: PLOT_WIDTH,
    height: ROW_HEIGHT * rows.length,
    data: { values: summaries },
    encoding: { y },
    layer: [
      {
        data: { values: marks },
        mark: { type: "rule", strokeDash: [3, 3] },
        encoding: { x: { field: "x", ...x }, y: { value: 0 }, y2: { value: "height" } },
      },
      {
        data: { values: marks },
        mark: {
          type: "text",
          dy: -4,
          color: COLOURS.muted,
          fontSize: 11,
          align: { expr: "datum.align" },
        },
        encoding: { x: { field: "x", ...x }, y: { value: 0 }, text: { field: "text" } },
      },
      {
        mark: INTERVAL_MARK,
        encoding: {
          x: { field: "low", ...x },
          x2: { field: "high" },
          color: { field: "colour", type: "nominal", scale: null },
        },
      },
      {
        data: { values: seeds },
        mark: { type: "tick", thickness: 1.5, size: 16, opacity: 0.8 },
        encoding: {
          x: { field: "value", ...x },
          color: { field: "colour", type: "nominal", scale: null },
          tooltip: [{ field: "name", title: "Condition" }, {
            field: "value",
            title: "One seed, %",
            format: ".1f",
          }],
        },
      },
      {
        mark: { type: "point", size: 110, strokeWidth: 2.5, opacity: 1 },
        encoding: {
          x: { field: "mean", ...x },
          stroke: { field: "colour", type: "nominal", scale: null },
          fill: { field: "fill", type: "nominal", scale: null },
          tooltip: [{ field: "name", title: "Condition" }, ...ESTIMATE_TOOLTIP],
        },
      },
      {
        mark: { type: "text", dx: 12, align: "left", fontWeight: "bold", fontSize: 13 },
        encoding: { x: { field: "high", ...x }, text: { field: "label" } },
      },
      {
        mark: { type: "text", align: "left", fontSize: 12, color: COLOURS.muted },
        encoding: { x: { value: NOTE_X }, text: { field: "note" } },
      },
    ],
  };
}
