/**
 * Theorem B.2 on the trained networks: the augmented loss as invariance plus bias.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { benignCondition, type Condition, conditionId } from "../input/conditions.ts";
import { type Estimate, estimate, estimateShare } from "../render/estimate.ts";
import { INTERVAL_MARK } from "../render/estimate_marks.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { listText, settingText } from "../render/format.ts";
import type { DecompositionRow, ReportInput, Run } from "../input/input.ts";
import { measuredOn } from "../input/measured.ts";
import { COLOURS } from "../render/palette.ts";

const PLOT = { width: 520, height: 260 };
const TERMS = [
  { name: "loss", value: ({ loss }: DecompositionRow) => loss, colour: COLOURS.ink, dash: [1, 0] },
  {
    name: "invariance (Inv)",
    value: ({ invariance }: DecompositionRow) => invariance,
    colour: COLOURS.encoder,
    dash: [6, 3],
  },
  {
    name: "bias (Bias)",
    value: ({ bias }: DecompositionRow) => bias,
    colour: COLOURS.projector,
    dash: [2, 2],
  },
];

/** The loss decomposition. */
export const lossDecomposition: FigureDefinition = {
  id: "loss-decomposition",
  title: "The augmented loss as invariance plus bias (Theorem B.2)",
  shows:
    "Mean squared error over the views of random labels, and its two terms, in the course of " +
    "training.",
  build,
};

/**
 * The decompositions of runs under a condition with their runs: of the main ones or of variants, as
 * the theorem speaks of the mean squared error and the main ones may have been trained by another.
 */
export function decomposed(
  input: ReportInput,
  { id }: Pick<Condition, "id">,
): { run: Run; rows: readonly DecompositionRow[] }[] {
  return input.runs.filter(({ axes }) => conditionId(axes) === id).flatMap((run) => {
    const rows = measuredOn(input.decomposition, run)?.rows ?? [];
    return rows.length === 0 ? [] : [{ run, rows }];
  });
}

/** How far loss and the sum of its terms differ, relative to the loss, at worst. */
export function identityError(rows: readonly DecompositionRow[]): number {
  return Math.max(
    ...rows.map(({ loss, invariance, bias }) => Math.abs(loss - invariance - bias) / loss),
  );
}

function build(input: ReportInput): Figure | null {
  const condition = benignCondition(input);
  const measured = condition === undefined ? [] : decomposed(input, condition);
  if (measured.length === 0) return null;
  const ends = measured.map(({ rows }) => rows.at(-1)!);
  const share = estimateShare(ends.map(({ loss, invariance }) => invariance / loss));
  const error = Math.max(...measured.map(({ rows }) => identityError(rows)));
  const text =
    `at the end Inv is ${(100 * share.mean).toFixed(0)} % of the loss, n = ${share.n}; ` +
    `loss and Inv + Bias differ by at most ${error.toExponential(1)} of the loss`;
  const [{ samples, views }] = ends;
  const losses = new Set(measured.map(({ run }) => settingText(run.settings.loss)));
  return {
    description: `${condition!.name}: ${text}.`,
    chart: chart(measured.flatMap(({ run, rows }) => rows.map((row) => ({ run, row })))),
    ours: text,
    notes: [
      `Over all ${views} views of ${samples} training samples, in evaluation mode. ` +
      "Lines are means over seeds at the epochs that all of them kept, bars 95 % intervals " +
      "(Student's t over seeds).",
      `Loss in training: ${listText([...losses])}.`,
    ],
    runs: measured.map(({ run }) => run),
    data: {
      columns: ["labels", "augmentation", "seed", "epoch", "loss", "invariance", "bias"],
      rows: measured.flatMap(({ run: { axes }, rows }) =>
        rows.map(({ epoch, loss, invariance, bias }) => [
          ...[axes.labels, axes.augmentation, axes.seed, epoch, loss, invariance, bias],
        ])
      ),
    },
  };
}

function chart(points: readonly { run: Run; row: DecompositionRow }[]): TopLevelSpec {
  const seeds = new Set(points.map(({ run }) => run)).size;
  const byEpoch = [...Map.groupBy(points, ({ row }) => row.epoch)]
    .filter(([, group]) => group.length === seeds);
  const values = byEpoch.flatMap(([epoch, group]) =>
    TERMS.map(({ name, value }) => ({
      name,
      epoch,
      ...ends(estimate(group.map(({ row }) => value(row)))),
    }))
  );
  const names = TERMS.map(({ name }) => name);
  const y = {
    type: "quantitative" as const,
    axis: { title: "Squared error, summed over classes", tickCount: 5 },
  };
  return {
    ...PLOT,
    data: { values },
    encoding: {
      x: {
        field: "epoch",
        type: "quantitative",
        axis: { title: "Epochs trained", tickCount: 6, tickMinStep: 1, format: ",d" },
      },
      color: {
        field: "name",
        type: "nominal",
        title: null,
        sort: names,
        scale: { domain: names, range: TERMS.map(({ colour }) => colour) },
        legend: { symbolType: "stroke", symbolSize: 400 },
      },
      strokeDash: {
        field: "name",
        type: "nominal",
        sort: names,
        scale: { domain: names, range: TERMS.map(({ dash }) => dash) },
      },
      tooltip: [
        { field: "name", title: "Term" },
        { field: "epoch", title: "Epoch" },
        { field: "mean", title: "Mean over seeds", format: ".4f" },
        { field: "low", title: "95 % interval from", format: ".4f" },
        { field: "high", title: "to", format: ".4f" },
        { field: "n", title: "Seeds" },
      ],
    },
    layer: [
      { mark: INTERVAL_MARK, encoding: { y: { field: "low", ...y }, y2: { field: "high" } } },
      {
        mark: { type: "line", strokeWidth: 2.4, point: { size: 36 } },
        encoding: { y: { field: "mean", ...y } },
      },
    ],
  };
}

function ends({ mean, low, high, n }: Estimate) {
  return { mean, low: low ?? mean, high: high ?? mean, n };
}
