/**
 * K-NN probing of raw pixels: what can be read off the images themselves, without any network.
 *
 * @module
 */
import { z } from "zod";
import { imageSchema, labelSchema, probeSchema } from "../lib/tables/schemas.ts";
import { knnProbe } from "../lib/metrics/knn.ts";
import { matrix } from "../lib/metrics/matrix.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { bytesPerImage, type ImageSource } from "../lib/nn/network/images.ts";
import { allImagesOf, imagesOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";

export default defineStage({
  description: "Probes raw pixels by K-NN, the baseline of every network",
  params: z.object({
    neighbours: z.int().min(1).default(20).describe("K"),
    size: z.int().min(1).nullable().default(null).describe(
      "Side to which images are resized, as the network sees them (null: as they are)",
    ),
  }),
  inputs: {
    labels: labelSchema.pick("index", "true_label"),
    train: imageSchema.pick("index", "image"),
    test: imageSchema.pick("index", "image", "label"),
  },
  outputs: { probe: committed(probeSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, threads, metrics, environment }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    const runtime = await openRuntime({ threads });
    environment(runtime.info);
    const train = imagesOf(inputs.train, inputs.labels.column("index"), params.size);
    const test = allImagesOf(inputs.test, params.size);
    const { accuracy } = await knnProbe({
      bank: await pixelsOf(train),
      bankLabels: inputs.labels.column("true_label"),
      queries: await pixelsOf(test),
      queryLabels: inputs.test.column("label"),
    }, {
      neighbours: Math.min(params.neighbours, train.count),
      matMul: runtimeMatMul(runtime),
    });
    outputs.probe.append({
      epoch: Int32Array.of(0),
      layer: ["pixels"],
      depth: Int32Array.of(0),
      bank: ["clean"],
      accuracy: Float64Array.of(accuracy),
      chance: Float64Array.of(1 / JSON.parse(inputs.test.metadataOf("label").class_names).length),
      queries: Int32Array.of(test.count),
    });
    metrics({ pixels: accuracy });
    runtime.close();
  },
});

async function pixelsOf(images: ImageSource) {
  const bytes = await images.read(0, images.count);
  return matrix(Float32Array.from(bytes), bytesPerImage(images.shape));
}
