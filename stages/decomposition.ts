/**
 * The augmented loss of a trained network as invariance plus bias (Theorem B.2), over the views
 * that it was trained on.
 *
 * @module
 */
import { z } from "zod";
import {
  decompositionSchema,
  labelSchema,
  snapshotSchema,
  viewSchema,
} from "../lib/tables/schemas.ts";
import { decomposeLoss } from "../lib/metrics/decomposition.ts";
import { OUTPUT } from "../lib/tables/layer_names.ts";
import { activations } from "../lib/nn/network/activations.ts";
import { Snapshots } from "../lib/nn/training/snapshots.ts";
import { viewsAsImages } from "../lib/nn/training/views.ts";
import { viewsOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";

export default defineStage({
  description: "Splits the augmented loss into invariance and bias (Theorem B.2)",
  params: z.object({
    samples: z.int().min(1).default(128).describe("Training images at most"),
    epochs: z.array(z.int().min(0)).nullable().default(null).describe(
      "Epochs to measure (null: all that were kept; the last one always)",
    ),
  }),
  inputs: {
    snapshots: snapshotSchema,
    labels: labelSchema.pick("index", "label"),
    views: viewSchema,
  },
  outputs: { decomposition: committed(decompositionSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, ...context }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    using runtime = await openRuntime({ threads: context.threads });
    context.environment(runtime.info);
    const snapshots = new Snapshots(inputs.snapshots);
    const { classes } = snapshots.config;
    const index = inputs.labels.column("index").subarray(0, params.samples);
    const labels = inputs.labels.column("label").subarray(0, params.samples);
    const targets = new Float32Array(labels.length * classes);
    labels.forEach((label, sample) => targets[sample * classes + label] = 1);
    const { source, shape } = viewsOf(inputs.views, index);
    const views = viewsAsImages(source, index.length, shape);
    const epochs = snapshots.choose(params.epochs);
    for (const { epoch, isLast, embedder } of snapshots.networks(runtime, epochs, context)) {
      const { values } = await activations(embedder, views, OUTPUT);
      const { loss, invariance, bias } = decomposeLoss({ outputs: values, targets, classes });
      outputs.decomposition.append({
        epoch: Int32Array.of(epoch),
        loss: Float64Array.of(loss),
        invariance: Float64Array.of(invariance),
        bias: Float64Array.of(bias),
        samples: Int32Array.of(index.length),
        views: Int32Array.of(source.viewsPerSample),
      });
      if (isLast) context.metrics({ loss, invariance, bias });
    }
  },
});
