/**
 * Figure 5, left: K-NN accuracy against the number of views.
 *
 * @module
 */
import { sweepFigure } from "./sweep.ts";

/** More views, better features. */
export const figure5 = sweepFigure({
  id: "figure-5",
  title: "How many views it takes",
  shows:
    "K-NN accuracy of the embedding after training on random labels, against the number B of " +
    "views of each image, beside INIT.",
  axis: "views",
  axisTitle: "B, views of each image",
  notes: [
    "The paper's right panel, the capacity for labels drawn for each view, is a card of its own.",
  ],
});
