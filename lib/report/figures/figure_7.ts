/**
 * Figure 7: K-NN accuracy against the width of the projector.
 *
 * @module
 */
import { sweepFigure } from "./sweep.ts";

/** Wider projectors, better features. */
export const figure7 = sweepFigure({
  id: "figure-7",
  title: "The width of the projector",
  shows: "K-NN accuracy of the embedding against the width of the projector's hidden layer.",
  axis: "width",
  axisTitle: "Width of the projector's hidden layer",
});
