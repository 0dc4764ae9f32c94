/**
 * Table 3: linear probing of the embedding by labels and augmentation, beside INIT.
 *
 * @module
 */
import { estimateCell, NO_CELL } from "../render/cells.ts";
import { benignCondition, type Condition, mainConditions } from "../input/conditions.ts";
import { type Estimate, estimate, estimateShare } from "../render/estimate.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText } from "../render/format.ts";
import type { LinearProbeRow, ReportInput, Run } from "../input/input.ts";
import { endsOf, measuredOn } from "../input/measured.ts";
import type { Cell } from "../render/view_table.ts";
import { datasetName } from "./table_2.ts";

/** Marks what rests on a fit that ended before its tolerance. */
const UNCONVERGED = "†";

/** The linear probe. */
export const table3: FigureDefinition = {
  id: "table-3",
  title: "Linear probing of the embedding",
  shows:
    "Accuracy on test images of a linear classifier that was fitted to the embeddings of the " +
    "unaugmented training images with their true labels.",
  build,
};

/** A run with its linear probe at INIT and at the end. */
interface Probed {
  readonly run: Run;
  readonly init: LinearProbeRow;
  readonly end: LinearProbeRow;
}

function build(input: ReportInput): Figure | null {
  const conditions = mainConditions(input)
    .map((condition) => ({ condition, probed: probedRuns(input, condition) }))
    .filter(({ probed }) => probed.length > 0);
  if (conditions.length === 0) return null;
  const all = conditions.flatMap(({ probed }) => probed);
  const init = estimateShare(initBySeed(all));
  const ends = conditions.map(({ probed }) => estimateShare(probed.map(({ end }) => end.accuracy)));
  const fits = conditions.map(({ probed }) =>
    estimateShare(probed.map(({ end }) => end.train_accuracy))
  );
  const texts = conditions.map(({ condition }, i) => `${condition.name} ${estimateText(ends[i])}`);
  const benign = conditions.findIndex(({ condition }) =>
    condition.id === benignCondition(input)?.id
  );
  const unconverged = all.flatMap(({ init, end }) => [init, end])
    .filter(({ converged }) => converged === 0).length;
  return {
    description: `Linear probing: INIT ${estimateText(init)}; ${texts.join("; ")}.`,
    table: {
      caption:
        "Accuracy of the linear probe on test images in %, mean over seeds with 95 % interval",
      columns: [
        { title: "Data set" },
        ...conditions.map(({ condition }) => ({ title: condition.name, numeric: true })),
        { title: "INIT", numeric: true },
      ],
      rows: [
        [
          { text: `${datasetName(input)}: linear` },
          ...conditions.map(({ probed }, i) => markedCell(ends[i], probed.map(({ end }) => end))),
          markedCell(init, all.map((each) => each.init)),
        ],
        [{ text: "on the images it was fitted to" }, ...fits.map(estimateCell), NO_CELL],
      ],
    },
    ours: benign === -1
      ? `INIT ${estimateText(init)}`
      : `${estimateText(ends[benign])}, against INIT ${estimateText(init)}`,
    notes: [
      "Multinomial logistic regression with an L2 penalty on standardised embeddings, equal to " +
      "scikit-learn's StandardScaler and LogisticRegression with their defaults (C = 1).",
      unconverged === 0
        ? "Every fit met its tolerance."
        : `${UNCONVERGED} ${unconverged} of ${2 * all.length} fits ended before they met their ` +
          "tolerance.",
    ],
    runs: all.map(({ run }) => run),
    data: {
      columns: [
        ...["labels", "augmentation", "seed", "epoch", "accuracy", "train_accuracy", "chance"],
        ...["converged", "iterations", "queries"],
      ],
      rows: all.flatMap(({ run: { axes }, init, end }) =>
        [init, end].map((row) => [
          ...[axes.labels, axes.augmentation, axes.seed, row.epoch, row.accuracy],
          ...[row.train_accuracy, row.chance, row.converged, row.iterations, row.queries],
        ])
      ),
    },
  };
}

/** A mean, marked if one of its fits has not converged. */
function markedCell(value: Estimate, fits: readonly LinearProbeRow[]): Cell {
  const cell = estimateCell(value);
  return fits.every(({ converged }) => converged === 1)
    ? cell
    : { ...cell, text: `${cell.text} ${UNCONVERGED}` };
}

function probedRuns({ linear }: ReportInput, { runs }: Condition): Probed[] {
  return runs.flatMap((run) => {
    const ends = endsOf(measuredOn(linear, run)?.rows ?? []);
    return ends === undefined ? [] : [{ run, ...ends }];
  });
}

/** One value per seed: conditions of a seed start from the same weights. */
function initBySeed(probed: readonly Probed[]): number[] {
  return [...Map.groupBy(probed, ({ run }) => run.axes.seed).values()].map((group) =>
    estimate(group.map(({ init }) => init.accuracy)).mean
  );
}
