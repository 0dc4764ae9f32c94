/**
 * Figure 13: the toy example of Appendix E.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import type { Reference } from "./channels.ts";
import { estimateShare } from "../render/estimate.ts";
import { MARKS_NOTE } from "../render/estimate_marks.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText, settingText } from "../render/format.ts";
import type { ReportInput, ToyRow } from "../input/input.ts";
import { COLOURS } from "../render/palette.ts";
import { toneLines } from "./tone_lines.ts";

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

/** One point per number of samples and views, by ascending number of both. */
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
    chart: chart(points, { init: init.mean, chance: 1 / Number(input.toy![0].settings.classes) }),
    ours: text,
    notes: [
      MARKS_NOTE,
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

function chart(
  points: readonly Point[],
  { init, chance }: { init: number; chance: number },
): TopLevelSpec {
  const panel = (quantity: "accuracy" | "fit", yTitle: string, references: Reference[]) =>
    toneLines(
      points.map(({ samples, views, rows }) => ({
        size: samples,
        x: views,
        shares: rows.map((row) => row[quantity]),
      })),
      {
        ...PANEL,
        colour: COLOURS.random,
        sizeTitle: "n, samples",
        xTitle: "B, views of each sample",
        yTitle,
        references: [...references, { text: "chance", percent: 100 * chance }],
      },
    );
  return {
    hconcat: [
      panel("accuracy", "K-NN accuracy on true classes, %", [{
        text: "INIT",
        percent: 100 * init,
      }]),
      panel("fit", "Random labels fitted, %", []),
    ],
    spacing: 24,
  };
}
