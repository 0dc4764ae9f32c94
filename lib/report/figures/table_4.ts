/**
 * Table 4: training on views that are other images of the same class.
 *
 * @module
 */
import type { Run } from "../input/input.ts";
import { EMBEDDING, lastEpoch, probeRow } from "../input/measures.ts";
import { runTable } from "./run_table.ts";

/** The axis of these runs: "iid", or "whole" for the whole pool without augmentation. */
export const POOL_AXIS = "pool";

/** I.i.d. augmentations. */
export const table4 = runTable({
  id: "table-4",
  title: "Augmentations that are other images of the same class",
  shows: "K-NN accuracy after training on samples whose “views” are independent images of their " +
    "true class, with random and with clean labels, beside training on all those images with " +
    "clean labels and no augmentation.",
  axes: [POOL_AXIS],
  rowTitle: "Training",
  rowName: ({ axes }) =>
    axes[POOL_AXIS] === "iid"
      ? `${axes.labels} labels, i.i.d. augmentations`
      : `${axes.labels} labels, all images, no augmentation`,
  extra: { title: "images in the bank", name: "bank", value: bankSize },
  notes: [
    "The paper takes 1000 samples of CIFAR10 with 50 images each. Here the numbers are smaller; " +
    "the K-NN bank is the training samples, so its size differs between the rows.",
    "The fit is that of the samples themselves.",
  ],
});

/** The noisy probe queries every image of the bank once. */
function bankSize(run: Run): number {
  const at = { bank: "noisy", layer: EMBEDDING, epoch: lastEpoch(run) } as const;
  return probeRow(run, at)?.queries ?? NaN;
}
