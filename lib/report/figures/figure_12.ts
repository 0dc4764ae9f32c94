/**
 * Figure 12: K-NN accuracy against label noise, with and without augmentation.
 *
 * @module
 */
import { augmentationName } from "../input/conditions.ts";
import { sweepFigure } from "./sweep.ts";

/** What augmentation saves as noise grows. */
export const figure12 = sweepFigure({
  id: "figure-12",
  title: "Label noise, with and without augmentation",
  shows: "K-NN accuracy of the embedding against the share of training labels that is drawn at " +
    "random, with and without augmentation.",
  axis: "noise",
  axisTitle: "Share of labels drawn at random",
  conditionName: augmentationName,
});
