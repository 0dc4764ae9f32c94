/**
 * Figure 13: the toy example of Appendix E.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { referenceLine } from "../channels.ts";
import { estimateShare } from "../estimate.ts";
import type { Figure, FigureDefinition } from "../figure.ts";
import { estimateText, settingText } from "../format.ts";
import type { ReportInput, ToyRow } from "../input.ts";

const PANEL = { width: 320, height: 250 };

/** The toy example. */
export const figure13: FigureDefinition = {
  id: "figure-13",
  title: "The toy example: memorization against invariance",
  shows: "A linear encoder and a projector of K prototypes learn random labels of n samples of a " +
    "mixture of Gaussians, with B views each. Left the K-NN accuracy of the encoder on true " +
    "classes of new samples, right the share of random labels that is fitted.",
  build,
};

/** All seeds at one number of samples and views. */
interface Point {
  readonly samples: number;
  readonly views: number;
  readonly rows: readonly ToyRow[];
}

/** One point a number of samples and views, by ascending number of both. */
export function toyPoints({ toy = [] }: Pick<ReportInput, "toy">): Point[] {
  const rows = toy.flatMap((table) => table.rows);
  return [...Map.groupBy(rows, ({ samples, views }) => `${samples}/${views}`).values()]
    .map((group) => ({ samples: group[0].samples, views: group[0].views, rows: group }))
    .sort((a, b) => a.samples - b.samples || a.views - b.views);
}

function build(input: ReportInput): Figure | null {
  const points = toyPoints(input);
  if (points.length === 0) return null;
  const byPoints = points.toSorted((a, b) => a.samples * a.views - b.samples * b.views);
  const [fewest, most] = [byPoints[0], byPoints.at(-1)!];
  const init = estimateShare(points.flatMap(({ rows }) => rows.map((row) => row.initial_accuracy)));
  const text = `${accuracyText(fewest)} with n B = ${fewest.samples * fewest.views} points, ` +
    `${accuracyText(most)} with ${most.samples * most.views}; INIT ${
      (100 * init.mean).toFixed(1)
    } %`;
  const settings = Object.entries(input.toy![0].settings)
    .filter(([name]) => name !== "samples" && name !== "views")
    .map(([name, value]) => `${name.replaceAll("_", " ")} ${settingText(value)}`);
  return {
    description: `K-NN accuracy on true classes: ${text}.`,
    chart: chart(points, init.mean),
    ours: text,
    notes: [
      `The paper's text does not state its values. Ours: ${settings.join(", ")}.`,
      "The probe's bank and queries are new samples, equally many for every n. The capacity is at " +
      "most K points where the projector takes the nearest prototype.",
    ],
    runs: [],
    data: {
      columns: [
        ...["seed", "samples", "views", "points", "initial_accuracy", "accuracy", "fit"],
        "noise_gain",
      ],
      rows: input.toy!.flatMap(({ axes, rows }) =>
        rows.map((row) => [
          ...[axes.seed ?? "0", row.samples, row.views, row.samples * row.views],
          ...[row.initial_accuracy, row.accuracy, row.fit, row.noise_gain],
        ])
      ),
    },
  };
}

function accuracyText({ rows }: Point): string {
  return estimateText(estimateShare(rows.map(({ accuracy }) => accuracy)));
}

function chart(points: readonly Point[], init: number): TopLevelSpec {
  return {
    hconcat: [
      panel(points, "accuracy", "K-NN accuracy on true classes, %", init),
      panel(points, "fit", "Random labels fitted, %"),
    ],
    spacing: 70,
  };
}

function panel(
  points: readonly Point[],
  quantity: "accuracy" | "fit",
  title: string,
  reference?: number,
) {
  const values = points.map(({ samples, views, rows }) => {
    const { mean, low, high, n } = estimateShare(rows.map((row) => row[quantity]));
    return {
      samples,
      views,
      mean: 100 * mean,
      low: 100 * (low ?? mean),
      high: 100 * (high ?? mean),
      n,
    };
  });
  return {
    ...PANEL,
    layer: [
      ...reference === undefined ? [] : referenceLine(100 * reference, "INIT", PANEL),
      {
        data: { values },
        mark: { type: "line" as const, strokeWidth: 2.4, point: { size: 44 } },
        encoding: {
          x: {
            field: "views",
            type: "ordinal" as const,
            scale: { type: "point" as const, padding: 0.4 },
            axis: { title: "B, views of each sample", labelAngle: 0 },
          },
          y: {
            field: "mean",
            type: "quantitative" as const,
            scale: { domain: [0, 100] },
            axis: { title, tickCount: 5 },
          },
          color: {
            field: "samples",
            type: "ordinal" as const,
            title: "n, samples",
            scale: { scheme: "viridis" as const },
            legend: { symbolType: "stroke" as const, symbolSize: 400 },
          },
          tooltip: [
            { field: "samples", title: "n" },
            { field: "views", title: "B" },
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
