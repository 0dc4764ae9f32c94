/**
 * The tables that stages exchange.
 *
 * @module
 */
import {
  defineSchema,
  float32,
  float32List,
  float64,
  image,
  int32,
  int32List,
  utf8,
} from "../arrow/schema.ts";

/** Images of one split of a data set, at their native size. */
export const imageSchema = /* @__PURE__ */ defineSchema("images", {
  index: int32("Number of the sample within its split, from 0"),
  image: image("The image, RGB"),
  label: int32("The true class; the field's metadata names the classes"),
});

/** Precomputed augmented views of a data set's training images. */
export const viewSchema = /* @__PURE__ */ defineSchema("views", {
  index: int32("Number of the sample within the training split"),
  view: int32("Number of the view, from 0 to B - 1"),
  image: image("The augmented image, RGB"),
});

/** The labels to train on, which also choose the training set. */
export const labelSchema = /* @__PURE__ */ defineSchema("labels", {
  index: int32("Number of the sample within the training split"),
  true_label: int32("The true class"),
  label: int32("The class to train on, in [0, number of classes)"),
});

/** Random labels for every single view of a sample (the capacity experiment). */
export const viewLabelSchema = /* @__PURE__ */ defineSchema("view_labels", {
  index: int32("Number of the sample within the training split"),
  view: int32("Number of the view, from 0 to B - 1"),
  label: int32("The class to train on, in [0, number of classes)"),
});

/** Network weights and running statistics after chosen epochs; epoch 0 is INIT. */
export const snapshotSchema = /* @__PURE__ */ defineSchema("snapshots", {
  epoch: int32("Epochs trained"),
  name: utf8("Name of the parameter or running statistic, as PyTorch names it"),
  shape: int32List("Its shape"),
  value: float32List("Its values in row-major order"),
});

/** Everything that training needs to go on: weights, statistics, optimiser moments. */
export const checkpointSchema = /* @__PURE__ */ defineSchema("checkpoint", {
  name: utf8("Name of the parameter, statistic or optimiser moment"),
  shape: int32List("Its shape"),
  value: float32List("Its values in row-major order"),
});

/** The course of training. */
export const historySchema = /* @__PURE__ */ defineSchema("history", {
  epoch: int32("Epochs trained"),
  step: int32("Optimiser steps done"),
  loss: float64("Mean training loss of the epoch"),
  accuracy: float64("Share of the unaugmented training samples whose training label is predicted"),
  knn: float64("K-NN accuracy of the embedding on the test split, a share; NaN if not measured"),
  learning_rate: float64("Learning rate of the last step"),
  seconds: float64("Seconds of training so far"),
});

/** K-NN probing by layer and epoch. */
export const probeSchema = /* @__PURE__ */ defineSchema("probe", {
  epoch: int32("Epochs trained"),
  layer: utf8("Layer whose activations are probed"),
  depth: int32("Number of the layer, from the input"),
  bank: utf8(
    "Labels of the bank: clean (true labels, test queries), noisy (training labels); none: the " +
      "network's own answer to test images, against their true classes",
  ),
  accuracy: float64("Share of correct predictions"),
  chance: float64("Expected share for a probe that knows nothing"),
  queries: int32("Number of queries"),
});

/** For each test image, whether the embedding's K-NN prediction is right (for intervals). */
export const predictionSchema = /* @__PURE__ */ defineSchema("predictions", {
  epoch: int32("Epochs trained"),
  index: int32("Number of the test image"),
  label: int32("True class"),
  predicted: int32("Predicted class"),
});

/** Normalised invariance (Eq. 2) by layer and epoch. */
export const invarianceSchema = /* @__PURE__ */ defineSchema("invariance", {
  epoch: int32("Epochs trained"),
  layer: utf8("Layer whose activations are compared"),
  depth: int32("Number of the layer, from the input"),
  invariance: float64("Eq. 2 with norms: 0 is invariant, 1 as far apart as other samples"),
  invariance_squared: float64("Eq. 2 with squared norms"),
  samples: int32("Number of samples"),
});

/** Linear probing of the embedding by epoch. */
export const linearProbeSchema = /* @__PURE__ */ defineSchema("linear_probe", {
  epoch: int32("Epochs trained"),
  accuracy: float64("Share of test images whose true class the linear classifier predicts"),
  train_accuracy: float64("Share of the training images it was fitted to that it predicts"),
  chance: float64("Expected share for a probe that knows nothing"),
  converged: int32("1 if the fit met its tolerance, else 0"),
  iterations: int32("Iterations of the fit"),
  queries: int32("Number of test images"),
});

/** Theorem B.2 on a trained network: the augmented loss as invariance plus bias. */
export const decompositionSchema = /* @__PURE__ */ defineSchema("decomposition", {
  epoch: int32("Epochs trained"),
  loss: float64("Mean squared error of the outputs over samples and views, summed over classes"),
  invariance: float64("Inv: half the mean squared distance of two views' outputs"),
  bias: float64("Bias: mean squared distance of the views' mean output from the target"),
  samples: int32("Number of samples"),
  views: int32("Number of views a sample"),
});

/** The toy example (Appendix E), one row per number of samples and views. */
export const toySchema = /* @__PURE__ */ defineSchema("toy", {
  samples: int32("n, the number of samples"),
  views: int32("B, the number of views a sample"),
  initial_accuracy: float64("K-NN accuracy on true classes with the encoder as drawn (INIT)"),
  accuracy: float64("K-NN accuracy on true classes after training on random labels"),
  fit: float64("Share of the n B training points whose random label is predicted"),
  noise_gain: float64("The encoder's weight on the noise relative to that on the signal"),
});

/** Test images with their nearest training images, for pictures. */
export const neighbourSchema = /* @__PURE__ */ defineSchema("neighbours", {
  epoch: int32("Epochs trained"),
  query: int32("Number of the test image"),
  rank: int32("0 is the test image itself, k its k-th nearest training image"),
  index: int32("Number of the image within its split"),
  label: int32("The true class"),
  image: image("The image as the network sees it, RGB"),
});

/** Embeddings of test images in the plane of their largest variance. */
export const embeddingSchema = /* @__PURE__ */ defineSchema("embedding", {
  epoch: int32("Epochs trained"),
  index: int32("Number of the test image"),
  label: int32("The true class"),
  x: float64("First principal component of the embeddings, scaled to unit length"),
  y: float64("Second principal component"),
  explained: float64("Share of the total variance in the plane"),
});

/** A few images with some of their views, for pictures. */
export const sampleSchema = /* @__PURE__ */ defineSchema("sample", {
  index: int32("Number of the sample within the training split"),
  view: int32("Number of the view; -1 is the unaugmented image"),
  label: int32("The true class"),
  image: image("The image, RGB"),
});

/** Facts about one class of one split of a data set, and about the split. */
export const datasheetSchema = /* @__PURE__ */ defineSchema("datasheet", {
  split: utf8("train or test"),
  class: utf8("Name of the class"),
  images: int32("Number of images of the class in the split"),
  red: float32("Mean red value of the split, in [0, 1]"),
  green: float32("Mean green value of the split, in [0, 1]"),
  blue: float32("Mean blue value of the split, in [0, 1]"),
  pixel_sha256: utf8("SHA-256 of the split's pixels in order"),
  label_sha256: utf8("SHA-256 of the split's labels in order, one little-endian int32 each"),
  provenance: utf8("Where the images come from"),
});
