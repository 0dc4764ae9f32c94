/**
 * Test images in the plane of their embeddings' largest variance (PCA), at INIT and after training.
 *
 * @module
 */
import { z } from "zod";
import { embeddingSchema, imageSchema, snapshotSchema } from "../lib/tables/schemas.ts";
import { matrix } from "../lib/metrics/matrix.ts";
import { rowScales, scaleRows } from "../lib/metrics/normalize.ts";
import { principalComponents } from "../lib/metrics/pca.ts";
import { EMBEDDING } from "../lib/tables/layer_names.ts";
import { activations } from "../lib/nn/network/activations.ts";
import { Snapshots } from "../lib/nn/training/snapshots.ts";
import { allImagesOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";

export default defineStage({
  description: "Projects embeddings of test images to the plane of their largest variance",
  params: z.object({
    images: z.int().min(3).default(1000).describe("Test images at most"),
  }),
  inputs: {
    snapshots: snapshotSchema,
    test: imageSchema.pick("index", "image", "label"),
  },
  outputs: { embedding: committed(embeddingSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, ...context }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    using runtime = await openRuntime({ threads: context.threads });
    context.environment(runtime.info);
    const snapshots = new Snapshots(inputs.snapshots);
    const count = Math.min(params.images, inputs.test.rowCount);
    const images = { ...allImagesOf(inputs.test, snapshots.config.images[0]), count };
    const epochs = snapshots.choose([0]);
    for (const { epoch, embedder } of snapshots.networks(runtime, epochs, context)) {
      const embeddings = await activations(embedder, images, EMBEDDING);
      // K-NN compares rows of unit length; the picture shows the same geometry.
      const scaled = matrix(scaleRows(embeddings, rowScales(embeddings)), embeddings.columns);
      const { scores, explained } = principalComponents(scaled);
      const share = explained.reduce((sum, each) => sum + each, 0);
      outputs.embedding.append({
        epoch: new Int32Array(count).fill(epoch),
        index: inputs.test.column("index").subarray(0, count),
        label: inputs.test.column("label").subarray(0, count),
        x: Float64Array.from({ length: count }, (_, i) => scores[2 * i]),
        y: Float64Array.from({ length: count }, (_, i) => scores[2 * i + 1]),
        explained: new Float64Array(count).fill(share),
      });
      context.metrics({ [`explained_epoch_${epoch}`]: share });
    }
  },
});
