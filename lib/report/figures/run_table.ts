/**
 * Tables of runs that differ from the main experiment in what an axis names: K-NN accuracy, INIT,
 * fit, one row per kind of run.
 *
 * @module
 */
import { countCell, estimateCell, pointsCell } from "../render/cells.ts";
import { estimate, estimateShare } from "../render/estimate.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText, points } from "../render/format.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { finalFit, finalKnn, initKnn, lastEpoch } from "../input/measures.ts";

/** What distinguishes one such table from another. */
export interface RunTableOptions extends Pick<FigureDefinition, "id" | "title" | "shows"> {
  /** The axes of which a run has at least the first. */
  readonly axes: readonly [string, ...string[]];
  /** The title of the first column. */
  readonly rowTitle: string;
  /** The name of a row, from its runs' axis values. */
  readonly rowName: (run: Run, input: ReportInput) => string;
  /** The odd column. @default {the epochs trained} */
  readonly extra?: ExtraColumn;
  readonly notes?: readonly string[];
}

/** A count that a table shows of each row beside what all these tables show. */
export interface ExtraColumn {
  readonly title: string;
  /** Its name in the data file. */
  readonly name: string;
  /** NaN where it was not measured. */
  readonly value: (run: Run) => number;
}

const EPOCHS: ExtraColumn = { title: "epochs", name: "epoch", value: lastEpoch };

/** A table with a row for each combination of axis values but the seed. */
export function runTable(
  { axes, rowTitle, rowName, extra = EPOCHS, notes = [], ...rest }: RunTableOptions,
) {
  const build = (input: ReportInput): Figure | null => {
    const runs = input.runs.filter((run) => axes[0] in run.axes);
    if (runs.length === 0) return null;
    const groups = [...Map.groupBy(runs, (run) => rowName(run, input))];
    const texts = groups.map(([name, group]) =>
      `${name} ${estimateText(knnOf(group))} (${points(gainOf(group))} points over INIT)`
    );
    return {
      description: `K-NN accuracies: ${texts.join("; ")}.`,
      table: {
        caption: "K-NN accuracy on test images in %, mean over seeds, and points gained over INIT",
        columns: [
          { title: rowTitle },
          ...["K-NN", "INIT", "gained", "fit", extra.title, "seeds"].map((title) => ({
            title,
            numeric: true,
          })),
        ],
        rows: groups.map(([name, group]) => [
          { text: name },
          estimateCell(knnOf(group)),
          estimateCell(estimateShare(group.map(initKnn))),
          pointsCell(gainOf(group)),
          estimateCell(estimateShare(group.map(finalFit))),
          countCell(Math.round(estimate(group.map(extra.value)).mean)),
          countCell(group.length),
        ]),
      },
      ours: texts.join("; "),
      notes,
      runs,
      data: {
        columns: ["labels", "augmentation", ...axes, "seed", "init_knn", "knn", "fit", extra.name],
        rows: runs.map((run) => [
          ...[run.axes.labels, run.axes.augmentation, ...axes.map((axis) => run.axes[axis] ?? "")],
          ...[run.axes.seed, initKnn(run), finalKnn(run), finalFit(run), extra.value(run)],
        ]),
      },
    };
  };
  return { ...rest, build } satisfies FigureDefinition;
}

function knnOf(group: readonly Run[]) {
  return estimateShare(group.map(finalKnn));
}

function gainOf(group: readonly Run[]): number {
  return estimate(group.map((run) => finalKnn(run) - initKnn(run))).mean;
}
