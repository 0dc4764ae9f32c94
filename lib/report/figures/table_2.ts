/**
 * Table 2: K-NN accuracy of the embedding by labels and augmentation, beside INIT.
 *
 * @module
 */
import { imageInterval, type Interval } from "../../metrics/intervals.ts";
import { RandomSource } from "../../random/random.ts";
import { estimateCell, NO_CELL } from "../render/cells.ts";
import {
  benignCondition,
  type Condition,
  controlCondition,
  mainConditions,
} from "../input/conditions.ts";
import { estimateShare } from "../render/estimate.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText, percent } from "../render/format.ts";
import { initBySeed } from "../input/init.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { finalFit, finalKnn, initKnn, lastEpoch } from "../input/measures.ts";
import type { Cell } from "../render/view_table.ts";

const PAPER_BENIGN_PERCENT = "76";
const NOT_PUBLISHED = "not published";
const REPLICATES = 2000;

/** K-NN accuracies, as the paper's Table 2. */
export const table2: FigureDefinition = {
  id: "table-2",
  title: "K-NN accuracy of the embedding",
  shows: "K-NN probing accuracy of the embedding after training on random and on clean labels, " +
    "with and without augmentation, at initialization (INIT) and of raw pixels.",
  build,
};

function build(input: ReportInput): Figure | null {
  const conditions = mainConditions(input);
  if (conditions.length === 0) return null;
  const init = estimateShare(initBySeed(input));
  const knn = conditions.map(({ runs }) => estimateShare(runs.map(finalKnn)));
  const fit = conditions.map(({ runs }) => estimateShare(runs.map(finalFit)));
  const images = conditions.map(imageIntervalOf);
  const benign = benignCondition(input);
  const benignIndex = conditions.findIndex(({ id }) => id === benign?.id);
  const pixels = pixelValues(input);
  const control = controlCondition(input);
  const own = conditions.map(({ runs }) => runs.flatMap((run) => ownAnswer(run) ?? []));
  const texts = conditions.map(({ name }, i) => `${name} ${estimateText(knn[i])}`);
  return {
    description: `K-NN accuracies: INIT ${estimateText(init)}; ${texts.join("; ")}.`,
    table: {
      caption: "K-NN accuracy on test images in %, mean over seeds with 95 % interval",
      columns: [
        { title: "Data set, network" },
        ...conditions.map(({ name }) => ({ title: name, numeric: true })),
        { title: "INIT", numeric: true },
        ...pixels.length === 0 ? [] : [{ title: "Raw pixels", numeric: true }],
      ],
      rows: withColumn(pixels, [
        [
          { text: `${datasetName(input)}${networkName(conditions[0])}: K-NN` },
          ...knn.map(estimateCell),
          estimateCell(init),
        ],
        ...control === undefined ? [] : [[
          { text: "the same without augmentation, for as many epochs as with it" },
          ...conditions.map(({ id }) =>
            id === "random_none" ? estimateCell(estimateShare(control.runs.map(finalKnn))) : NO_CELL
          ),
          NO_CELL,
        ]],
        [{ text: "95 % interval over test images" }, ...images.map(intervalCell), NO_CELL],
        ...own.every((values) => values.length === 0) ? [] : [[
          { text: "the network's own answers: true classes of test images" },
          ...own.map((values) =>
            values.length === 0 ? NO_CELL : estimateCell(estimateShare(values))
          ),
          NO_CELL,
        ]],
        [{ text: "fit of the training labels" }, ...fit.map(estimateCell), NO_CELL],
        [
          { text: "epochs trained" },
          ...conditions.map(epochCell),
          { text: "0", order: 0 },
        ],
        [
          { text: "Paper: CIFAR10, ResNet18, K-NN" },
          ...conditions.map(({ id }) =>
            id === benign?.id ? { text: PAPER_BENIGN_PERCENT, order: 76 } : { text: NOT_PUBLISHED }
          ),
          { text: NOT_PUBLISHED },
        ],
      ]),
    },
    paper: `${PAPER_BENIGN_PERCENT} % for random labels with augmentation on CIFAR10 (ResNet18); ` +
      "the other cells are not published in the text",
    ours: benignIndex === -1
      ? `INIT ${estimateText(init)}`
      : `${estimateText(knn[benignIndex])}, against INIT ${estimateText(init)}`,
    notes: [
      "The bank of the K-NN probe is the unaugmented training images with their true labels; " +
      "queries are test images with their true labels. K = 20, cosine distance, majority vote.",
      "The fit is the share of unaugmented training images whose training label is predicted.",
      "Intervals in brackets are Student's t over seeds: the luck of the seed, given the images. " +
      "Those over test images (percentile bootstrap) are the luck of the images, given the networks.",
    ],
    runs: [...conditions.flatMap(({ runs }) => runs), ...control?.runs ?? []],
    data: {
      columns: ["labels", "augmentation", "seed", "epoch", "init_knn", "knn", "fit"],
      rows: conditions.flatMap(({ runs }) =>
        runs.map((run) => [
          run.axes.labels,
          run.axes.augmentation,
          run.axes.seed,
          lastEpoch(run),
          initKnn(run),
          finalKnn(run),
          finalFit(run),
        ])
      ),
    },
  };
}

/** K-NN accuracy of raw pixels, one value per seed. */
function pixelValues({ pixels }: ReportInput): number[] {
  return (pixels ?? []).map(({ rows }) => rows[0].accuracy);
}

/** Adds the column of raw pixels, which has a value in its first row alone; none without values. */
function withColumn(pixels: readonly number[], rows: readonly Cell[][]): Cell[][] {
  if (pixels.length === 0) return [...rows];
  const value = estimateCell(estimateShare(pixels));
  return rows.map((row, i) => [...row, i === 0 ? value : NO_CELL]);
}

/** How often the network itself answers the true class of a test image at the end. */
function ownAnswer(run: Run): number | undefined {
  return run.probe.find(({ bank, epoch }) => bank === "none" && epoch === lastEpoch(run))?.accuracy;
}

/** How far other test images could move the accuracy of these very networks. */
function imageIntervalOf({ id, runs }: Condition): Interval | null {
  const correct = runs.map((run) =>
    run.predictions
      .filter(({ epoch }) => epoch === lastEpoch(run))
      .map(({ label, predicted }) => Number(label === predicted))
  );
  if (correct.some((each) => each.length === 0)) return null;
  return imageInterval(correct, new RandomSource(0).stream(`report/table-2/${id}`), {
    replicates: REPLICATES,
  });
}

function intervalCell(interval: Interval | null): Cell {
  return interval === null
    ? { text: "not measured" }
    : { text: `${percent(interval.low)} to ${percent(interval.high)}`, order: interval.low };
}

/** ", narrow" where the runs name their network. */
function networkName({ runs }: Condition): string {
  const { encoder } = runs[0].settings;
  return typeof encoder === "string" ? `, ${encoder}` : "";
}

function epochCell({ runs }: Condition): Cell {
  const epochs = [...new Set(runs.map(lastEpoch))].sort((a, b) => a - b);
  const first = epochs[0], last = epochs.at(-1)!;
  return { text: first === last ? `${first}` : `${first}–${last}`, order: last };
}

/** The data set's name, as the pipeline's params give it. */
export function datasetName({ params }: ReportInput): string {
  return typeof params.dataset === "string" ? params.dataset : "data set";
}
