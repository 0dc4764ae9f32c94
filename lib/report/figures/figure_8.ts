/**
 * Figure 8: K-NN accuracy against the number of random classes.
 *
 * @module
 */
import { sweepFigure } from "./sweep.ts";

/** More classes, less noise. */
export const figure8 = sweepFigure({
  id: "figure-8",
  title: "The number of random classes",
  shows: "K-NN accuracy of the embedding against the number of classes that random labels are " +
    "drawn from, up to a class for each sample.",
  axis: "classes",
  axisTitle: "Random classes",
});
