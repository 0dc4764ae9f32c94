/**
 * The main setting with one thing changed: the loss, mixup, or online views in place of cached ones.
 *
 * @module
 */
import { conditionName } from "../input/conditions.ts";
import { runTable } from "./run_table.ts";

/** Variants of the main setting. */
export const variants = runTable({
  id: "variants",
  title: "One thing changed: the loss, mixup, a fresh view at every step",
  shows:
    "K-NN accuracy of the embedding after training on random labels by the mean squared error, " +
    "with mixup, or with online views in place of cached ones, each where the profile has it.",
  axes: ["variant"],
  rowTitle: "Variant",
  rowName: ({ axes }) => `${axes.variant}: ${conditionName(axes)}`,
  notes: ["Table 2 has the setting itself."],
});
