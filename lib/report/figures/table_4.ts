/**
 * Table 4: training on views that are other images of the same class.
 *
 * @module
 */
import { countCell, estimateCell, pointsCell } from "../cells.ts";
import { estimate } from "../estimate.ts";
import type { Figure, FigureDefinition } from "../figure.ts";
import { estimateText, points } from "../format.ts";
import type { ReportInput, Run } from "../input.ts";
import { EMBEDDING, finalFit, finalKnn, initKnn, lastEpoch, probeRow } from "../measures.ts";

/** The axis of these runs: "iid", or "whole" for the whole pool without augmentation. */
export const POOL_AXIS = "pool";

/** I.i.d. augmentations. */
export const table4: FigureDefinition = {
  id: "table-4",
  title: "Augmentations that are other images of the same class",
  shows: "K-NN accuracy after training on samples whose “views” are independent images of their " +
    "true class, with random and with clean labels, beside training on all those images with " +
    "clean labels and no augmentation.",
  build,
};

function build({ runs }: ReportInput): Figure | null {
  const groups = [
    ...Map.groupBy(runs.filter(({ axes }) => POOL_AXIS in axes), groupName).entries(),
  ];
  if (groups.length === 0) return null;
  const swept = groups.flatMap(([, group]) => group);
  const texts = groups.map(([name, group]) => `${name} ${estimateText(knnOf(group))}`);
  const random = groups.find(([, [run]]) => run.axes.labels === "random")?.[1];
  return {
    description: `K-NN accuracies: ${texts.join("; ")}.`,
    table: {
      caption: "K-NN accuracy on test images in %, mean over seeds, and points gained over INIT",
      columns: [
        { title: "Training" },
        ...["K-NN", "INIT", "gained", "fit", "images in the bank", "seeds"].map((title) => ({
          title,
          numeric: true,
        })),
      ],
      rows: groups.map(([name, group]) => [
        { text: name },
        estimateCell(knnOf(group)),
        estimateCell(estimate(group.map(initKnn))),
        pointsCell(gainOf(group)),
        estimateCell(estimate(group.map(finalFit))),
        countCell(bankSize(group[0])),
        countCell(group.length),
      ]),
    },
    ours: random === undefined
      ? texts.join("; ")
      : `random labels gain ${points(gainOf(random))} points over INIT, n = ${random.length}`,
    notes: [
      "The paper takes 1000 samples of CIFAR10 with 50 images each. Here the numbers are smaller; " +
      "the K-NN bank is the training samples, so its size differs between the rows.",
      "The fit is that of the samples themselves.",
    ],
    runs: swept,
    data: {
      columns: ["labels", "pool", "seed", "init_knn", "knn", "fit", "bank"],
      rows: swept.map((run) => [
        ...[run.axes.labels, run.axes[POOL_AXIS], run.axes.seed],
        ...[initKnn(run), finalKnn(run), finalFit(run), bankSize(run)],
      ]),
    },
  };
}

function groupName({ axes }: Run): string {
  return axes[POOL_AXIS] === "iid"
    ? `${axes.labels} labels, i.i.d. augmentations`
    : `${axes.labels} labels, all images, no augmentation`;
}

function knnOf(group: readonly Run[]) {
  return estimate(group.map(finalKnn));
}

function gainOf(group: readonly Run[]): number {
  return estimate(group.map((run) => finalKnn(run) - initKnn(run))).mean;
}

/** The noisy probe queries every image of the bank once. */
function bankSize(run: Run): number {
  const at = { bank: "noisy", layer: EMBEDDING, epoch: lastEpoch(run) } as const;
  return probeRow(run, at)?.queries ?? NaN;
}
