/**
 * The main setting with one thing changed: mixup, or online views in place of cached ones.
 *
 * @module
 */
import { conditionName } from "../conditions.ts";
import { runTable } from "./run_table.ts";

/** Variants of the main setting. */
export const variants = runTable({
  id: "variants",
  title: "Mixup, and a fresh view at every step",
  shows:
    "K-NN accuracy of the embedding after training on random labels with mixup, and with online " +
    "views in place of cached ones.",
  axes: ["variant"],
  rowTitle: "Variant",
  rowName: ({ axes }) => `${axes.variant}: ${conditionName(axes)}`,
  notes: ["Table 2 has the same setting without mixup and with cached views."],
});
