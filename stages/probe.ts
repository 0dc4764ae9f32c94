/**
 * K-NN probing of a trained network: which labels can be read off the neighbourhoods in its
 * layers' activations; beside it, how often the network's own answer is the true class.
 *
 * @module
 */
import { z } from "zod";
import {
  imageSchema,
  labelSchema,
  predictionSchema,
  probeSchema,
  snapshotSchema,
} from "../lib/tables/schemas.ts";
import { chanceAccuracy } from "../lib/metrics/chance.ts";
import { scorePredictions } from "../lib/metrics/knn.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { activations } from "../lib/nn/network/activations.ts";
import { createEmbedder, type Embedder } from "../lib/nn/network/embed.ts";
import type { ImageSource } from "../lib/nn/network/images.ts";
import { predictByNeighbours } from "../lib/nn/network/layer_neighbours.ts";
import { Snapshots } from "../lib/nn/training/snapshots.ts";
import { allImagesOf, imagesOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";

const EMBEDDING = "embedding";

export default defineStage({
  description: "Probes a trained network's layers by K-NN, with clean and with noisy labels",
  params: z.object({
    neighbours: z.int().min(1).default(20).describe("K"),
    self: z.enum(["exclude", "include"]).default("exclude").describe(
      "Noisy probe: whether a query's own row is among its neighbours",
    ),
    layer_epochs: z.array(z.int().min(0)).nullable().default([0]).describe(
      "Epochs at which every layer is probed (null: all kept; the last one always); at the " +
        "others only the embedding",
    ),
    bank: z.enum(["samples", "all"]).default("samples").describe(
      "Clean probe: whether the bank is the images that were trained on, or all of the training set",
    ),
    queries: z.int().min(1).nullable().default(null).describe(
      "Number of test images (null: all)",
    ),
  }),
  inputs: {
    snapshots: snapshotSchema,
    labels: labelSchema,
    train: imageSchema.pick("index", "image", "label"),
    test: imageSchema.pick("index", "image", "label"),
  },
  outputs: { probe: committed(probeSchema), predictions: committed(predictionSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, threads, progress, metrics, environment, signal }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    const runtime = await openRuntime({ threads });
    environment(runtime.info);
    const snapshots = new Snapshots(inputs.snapshots);
    const size = snapshots.config.images[0];
    const count = Math.min(params.queries ?? Infinity, inputs.test.rowCount);
    const test = { ...allImagesOf(inputs.test, size), count };
    const testLabels = inputs.test.column("label").subarray(0, count);
    const train = imagesOf(inputs.train, inputs.labels.column("index"), size);
    const trainLabels = inputs.labels.column("label");
    const cleanBank = params.bank === "all"
      ? { bank: allImagesOf(inputs.train, size), bankLabels: inputs.train.column("label") }
      : { bank: train, bankLabels: inputs.labels.column("true_label") };
    const neighbours = Math.min(params.neighbours, train.count - 1);
    const classes: number = JSON.parse(inputs.test.metadataOf("label").class_names).length;
    const chance = {
      clean: 1 / classes,
      noisy: chanceAccuracy({ classes: snapshots.config.classes, neighbours, self: params.self }),
    };
    const options = { neighbours, matMul: runtimeMatMul(runtime) };
    const last = snapshots.epochs.at(-1);
    const everyLayer = snapshots.choose(params.layer_epochs);
    for (const [i, epoch] of snapshots.epochs.entries()) {
      signal.throwIfAborted();
      progress(i / snapshots.epochs.length, `epoch ${epoch}`);
      const network = snapshots.network(runtime, epoch);
      const embedder = createEmbedder(runtime, network);
      const whole = everyLayer.includes(epoch);
      const layers = whole ? network.layers : [EMBEDDING];
      if (whole && snapshots.config.classes === classes) {
        const output = network.layers.at(-1)!;
        const own = await classify(embedder, test, output);
        outputs.probe.append({
          epoch: Int32Array.of(epoch),
          layer: [output],
          depth: Int32Array.of(network.layers.length - 1),
          bank: ["none"],
          accuracy: Float64Array.of(scorePredictions(own, testLabels).accuracy),
          chance: Float64Array.of(chance.clean),
          queries: Int32Array.of(test.count),
        });
      }
      const clean = await predictByNeighbours(embedder, {
        layers,
        ...cleanBank,
        queries: test,
        leaveOneOut: false,
      }, options);
      const noisy = await predictByNeighbours(embedder, {
        layers,
        bank: train,
        bankLabels: trainLabels,
        queries: train,
        leaveOneOut: params.self === "exclude",
      }, options);
      for (const layer of layers) {
        outputs.probe.append({
          epoch: Int32Array.of(epoch, epoch),
          layer: [layer, layer],
          depth: new Int32Array(2).fill(network.layers.indexOf(layer)),
          bank: ["clean", "noisy"],
          accuracy: Float64Array.of(
            scorePredictions(clean.get(layer)!, testLabels).accuracy,
            scorePredictions(noisy.get(layer)!, trainLabels).accuracy,
          ),
          chance: Float64Array.of(chance.clean, chance.noisy),
          queries: Int32Array.of(test.count, train.count),
        });
      }
      if (epoch === 0 || epoch === last) {
        const predicted = clean.get(EMBEDDING)!;
        outputs.predictions.append({
          epoch: new Int32Array(test.count).fill(epoch),
          index: inputs.test.column("index").subarray(0, test.count),
          label: testLabels,
          predicted,
        });
        const { accuracy } = scorePredictions(predicted, testLabels);
        metrics({ [epoch === 0 ? "knn_init" : "knn"]: accuracy });
      }
      embedder.dispose();
      network.dispose();
    }
    runtime.close();
  },
});

/** The class of each image by the network's own output: the first of the largest. */
async function classify(embedder: Embedder, images: ImageSource, output: string) {
  const { values, columns } = await activations(embedder, images, output);
  return Int32Array.from({ length: images.count }, (_, row) => {
    const answers = values.subarray(row * columns, (row + 1) * columns);
    return answers.indexOf(answers.reduce((a, b) => Math.max(a, b)));
  });
}
