/**
 * Draws the labels to train on, and with them the training set.
 *
 * @module
 */
import { z } from "zod";
import { imageSchema, labelSchema, viewLabelSchema, viewSchema } from "../lib/tables/schemas.ts";
import { drawSamples } from "../lib/data/drawn_samples.ts";
import { classCount, randomizeLabels, randomViewLabels } from "../lib/data/random_labels.ts";
import { defineStage, optional } from "../lib/pipeline/stage/stage.ts";
import { RandomSource } from "../lib/random/random.ts";

export default defineStage({
  description: "Draws the labels to train on, and with them the training set",
  params: z.object({
    noise: z.number().min(0).max(1).describe(
      "p: exactly floor(n (1 - p)) samples keep their true label, all others are redrawn",
    ),
    classes: z.union([z.int().min(2), z.literal("per-sample")]).nullable().default(null).describe(
      "Number of classes to draw from (null: as many as the data set has)",
    ),
    samples: z.int().min(1).nullable().default(null).describe(
      "n: train on n images, drawn by the seed, each class alike (null: on all)",
    ),
    label_views: z.int().min(1).nullable().default(null).describe(
      "B: draw a label for each of B views of a sample as well (the capacity experiment)",
    ),
  }),
  inputs: {
    images: imageSchema.pick("index", "label"),
    /** Where only chosen samples have views (i.i.d. augmentations), these are the training set. */
    views: optional(viewSchema.pick("index")),
  },
  outputs: { labels: labelSchema, view_labels: viewLabelSchema },
  run({ params, inputs, outputs, seed, metrics }) {
    const { noise, samples, label_views } = params;
    const allIndices = inputs.images.column("index");
    const allLabels = inputs.images.column("label");
    const candidates = rowsWithViews(allIndices, inputs.views?.column("index"));
    const random = new RandomSource(seed);
    const drawn = drawSamples(candidates.map((row) => allLabels[row]), { samples, random });
    const rows = drawn.map((row) => candidates[row]);
    const index = rows.map((row) => allIndices[row]);
    const trueLabels = rows.map((row) => allLabels[row]);
    const names = JSON.parse(inputs.images.metadataOf("label").class_names) as string[];
    const classes = params.classes ?? names.length;
    const label = randomizeLabels(trueLabels, { noise, classes, random });
    const count = classCount(classes, index.length);
    const metadata = { label: { classes: String(count) } };
    outputs.labels.configure({ metadata });
    outputs.labels.append({ index, true_label: trueLabels, label });
    outputs.view_labels.configure({ metadata });
    if (label_views !== null) {
      const length = index.length * label_views;
      outputs.view_labels.append({
        index: Int32Array.from({ length }, (_, i) => index[Math.floor(i / label_views)]),
        view: Int32Array.from({ length }, (_, i) => i % label_views),
        label: randomViewLabels(index.length, label_views, count, random),
      });
    }
    metrics({
      true_share: label.filter((each, i) => each === trueLabels[i]).length / label.length,
    });
  },
});

/** The rows of the samples that have views; all, where views are not asked for. */
function rowsWithViews(index: Int32Array, views: Int32Array | undefined): Int32Array {
  const rows = Int32Array.from(index, (_, row) => row);
  if (views === undefined) return rows;
  const withViews = new Set(views);
  return rows.filter((row) => withViews.has(index[row]));
}
