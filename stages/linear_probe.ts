/**
 * Linear probing of a trained network's embedding (Table 3): multinomial logistic regression on the
 * unaugmented training images with their true labels, scored on the test images.
 *
 * @module
 */
import { z } from "zod";
import {
  imageSchema,
  labelSchema,
  linearProbeSchema,
  snapshotSchema,
} from "../lib/tables/schemas.ts";
import { scorePredictions } from "../lib/metrics/knn.ts";
import { linearProbe, predictLinear } from "../lib/metrics/linear_probe.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { EMBEDDING } from "../lib/tables/layer_names.ts";
import { activations } from "../lib/nn/network/activations.ts";
import { Snapshots } from "../lib/nn/training/snapshots.ts";
import { allImagesOf, imagesOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";

export default defineStage({
  description: "Probes a trained network's embedding by a linear classifier",
  params: z.object({
    inverse_penalty: z.number().positive().default(1).describe(
      "Inverse strength of the L2 penalty, as scikit-learn's C",
    ),
    tolerance: z.number().positive().default(1e-4).describe(
      "Largest component of the gradient at the end of the fit, as scikit-learn's tol",
    ),
    max_iterations: z.int().min(1).default(1000).describe("Iterations of the fit at most"),
    epochs: z.array(z.int().min(0)).nullable().default([0]).describe(
      "Epochs to probe (null: all that were kept; the last one always)",
    ),
    queries: z.int().min(1).nullable().default(null).describe(
      "Number of test images (null: all)",
    ),
  }),
  inputs: {
    snapshots: snapshotSchema,
    labels: labelSchema.pick("index", "true_label"),
    train: imageSchema.pick("index", "image"),
    test: imageSchema.pick("index", "image", "label"),
  },
  outputs: { linear: committed(linearProbeSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, ...context }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    using runtime = await openRuntime({ threads: context.threads });
    context.environment(runtime.info);
    const matMul = runtimeMatMul(runtime);
    const snapshots = new Snapshots(inputs.snapshots);
    const size = snapshots.config.images[0];
    const queries = Math.min(params.queries ?? Infinity, inputs.test.rowCount);
    const train = imagesOf(inputs.train, inputs.labels.column("index"), size);
    const test = { ...allImagesOf(inputs.test, size), count: queries };
    const bankLabels = inputs.labels.column("true_label");
    const queryLabels = inputs.test.column("label").subarray(0, queries);
    const classes = JSON.parse(inputs.test.metadataOf("label").class_names).length;
    const epochs = snapshots.choose(params.epochs);
    for (const { epoch, isLast, embedder } of snapshots.networks(runtime, epochs, context)) {
      const bank = await activations(embedder, train, EMBEDDING);
      const { model, accuracy } = await linearProbe({
        bank,
        bankLabels,
        queries: await activations(embedder, test, EMBEDDING),
        queryLabels,
      }, {
        inversePenalty: params.inverse_penalty,
        gradientTolerance: params.tolerance,
        maxIterations: params.max_iterations,
        matMul,
      });
      const fitted = scorePredictions(await predictLinear(model, bank, matMul), bankLabels);
      outputs.linear.append({
        epoch: Int32Array.of(epoch),
        accuracy: Float64Array.of(accuracy),
        train_accuracy: Float64Array.of(fitted.accuracy),
        chance: Float64Array.of(1 / classes),
        converged: Int32Array.of(model.converged ? 1 : 0),
        iterations: Int32Array.of(model.iterations),
        queries: Int32Array.of(queries),
      });
      if (isLast) context.metrics({ linear: accuracy });
    }
  },
});
