/**
 * Figure 5, right: how many random labels fit, if every view has its own.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { capacities, type FitMeasurement } from "../../metrics/capacity.ts";
import { MARKS_NOTE } from "../render/estimate_marks.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { listText, percent } from "../render/format.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { finalFit } from "../input/measures.ts";
import { COLOURS } from "../render/palette.ts";
import { toneLines } from "./tone_lines.ts";

/** The axes of these runs: B, and n. */
export const CAPACITY_AXES = { views: "label_views", samples: "samples" } as const;

const PLOT = { width: 520, height: 260 };

/** The capacity. */
export const figure5Right: FigureDefinition = {
  id: "figure-5-right",
  title: "Random labels for every view: the capacity",
  shows: "Share of the n B training points whose label is fitted within a fixed number of steps, " +
    "against the number B of views of each of n images, where each view has a random label of its own.",
  build,
};

/** The runs of the experiment. */
export function capacityRuns({ runs }: Pick<ReportInput, "runs">): Run[] {
  return runs.filter(({ axes }) => CAPACITY_AXES.views in axes && CAPACITY_AXES.samples in axes);
}

/** n, B and the fit of a run. */
export function fitMeasurement(run: Run): FitMeasurement {
  return {
    samples: Number(run.axes[CAPACITY_AXES.samples]),
    views: Number(run.axes[CAPACITY_AXES.views]),
    fit: finalFit(run),
  };
}

function build({ runs: all, datasheet }: ReportInput): Figure | null {
  const runs = capacityRuns({ runs: all });
  if (runs.length === 0) return null;
  const measured = runs.map((run) => ({ run, ...fitMeasurement(run) }));
  const found = capacities(measured);
  const texts = found.map(({ views, samples, points }) =>
    samples === 0
      ? `none of the sizes with B = ${views}`
      : `n = ${samples} with B = ${views} (${points} points)`
  );
  const most = Math.max(...measured.map(({ samples }) => samples));
  const steepest = measured.filter(({ samples }) => samples === most)
    .toSorted((a, b) => a.views - b.views);
  return {
    description: `Largest size fitted to 99 %: ${listText(texts)}.`,
    chart: chart(measured, 1 / new Set(datasheet.map((row) => row.class)).size),
    ours: `fitted to 99 %: ${listText(texts)}; with n = ${most}, ${
      percent(steepest[0].fit)
    } % at B = ${steepest[0].views} and ${percent(steepest.at(-1)!.fit)} % at B = ${
      steepest.at(-1)!.views
    }`,
    notes: [
      MARKS_NOTE,
      "All runs take equally many steps. The fit is measured on the views themselves, in " +
      "evaluation mode.",
      "The capacity of Definition D.1 asks for every labeling; a few seeds can only refute it.",
    ],
    runs,
    data: {
      columns: ["samples", "views", "points", "seed", "fit", "epochs"],
      rows: measured.map(({ run, samples, views, fit }) => [
        ...[samples, views, samples * views, run.axes.seed, fit, run.history.at(-1)!.epoch],
      ]),
    },
  };
}

function chart(measured: readonly FitMeasurement[], chance: number): TopLevelSpec {
  const groups = Map.groupBy(measured, ({ samples, views }) => `${samples}/${views}`);
  const points = [...groups.values()].map((group) => ({
    size: group[0].samples,
    x: group[0].views,
    shares: group.map(({ fit }) => fit),
  }));
  return toneLines(points, {
    ...PLOT,
    colour: COLOURS.random,
    sizeTitle: "n, images",
    xTitle: "B, views of each image, each with its own random label",
    yTitle: "Labels fitted, %",
    references: [{ text: "chance", percent: 100 * chance }],
  });
}
