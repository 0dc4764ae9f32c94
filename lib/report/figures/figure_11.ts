/**
 * Figure 11: K-NN accuracy against the strength of augmentation.
 *
 * @module
 */
import { sweepFigure } from "./sweep.ts";

/** Stronger augmentation, better features. */
export const figure11 = sweepFigure({
  id: "figure-11",
  title: "The strength of augmentation",
  shows:
    "K-NN accuracy of the embedding after training on random labels, against the strength of " +
    "RandAugment.",
  axis: "strength",
  axisTitle: "Strength of RandAugment, from 0 to 1",
});
