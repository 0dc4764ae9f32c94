/**
 * K-NN probing of a trained network: which labels can be read off the neighbourhoods in its
 * layers' activations.
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
} from "../lib/arrow/schemas.ts";
import { chanceAccuracy } from "../lib/metrics/chance.ts";
import { knnProbe, type ProbeResult } from "../lib/metrics/knn.ts";
import type { MatMul } from "../lib/metrics/matrix.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { activations } from "../lib/nn/activations.ts";
import { createEmbedder, type Embedder } from "../lib/nn/embed.ts";
import type { ImageSource } from "../lib/nn/images.ts";
import { Snapshots } from "../lib/nn/snapshots.ts";
import { allImagesOf, imagesOf } from "../lib/nn/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage.ts";

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
    queries: z.int().min(1).nullable().default(null).describe(
      "Number of test images (null: all)",
    ),
  }),
  inputs: {
    snapshots: snapshotSchema,
    labels: labelSchema,
    train: imageSchema.pick("index", "image"),
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
    const queries = Math.min(params.queries ?? Infinity, inputs.test.rowCount);
    const data: ProbeData = {
      train: imagesOf(inputs.train, inputs.labels.column("index"), size),
      test: { ...allImagesOf(inputs.test, size), count: queries },
      trueLabels: inputs.labels.column("true_label"),
      trainLabels: inputs.labels.column("label"),
      testLabels: inputs.test.column("label").subarray(0, queries),
      testIndex: inputs.test.column("index").subarray(0, queries),
    };
    const neighbours = Math.min(params.neighbours, data.train.count - 1);
    const options = { neighbours, self: params.self, matMul: runtimeMatMul(runtime) };
    const chance = {
      clean: 1 / JSON.parse(inputs.test.metadataOf("label").class_names).length,
      noisy: chanceAccuracy({ classes: snapshots.config.classes, neighbours, self: params.self }),
    };
    const every = snapshots.choose(params.layer_epochs);
    for (const [i, epoch] of snapshots.epochs.entries()) {
      const network = snapshots.network(runtime, epoch);
      const embedder = createEmbedder(runtime, network);
      const layers = every.includes(epoch) ? network.layers : [EMBEDDING];
      for (const [done, layer] of layers.entries()) {
        signal.throwIfAborted();
        const share = (i + done / layers.length) / snapshots.epochs.length;
        progress(share, `epoch ${epoch}, ${layer}`);
        const results = await probeLayer(embedder, layer, data, options);
        const depth = network.layers.indexOf(layer);
        outputs.probe.append(probeRows(epoch, layer, depth, results, chance, data));
        if (layer === EMBEDDING && (epoch === 0 || epoch === snapshots.epochs.at(-1))) {
          outputs.predictions.append({
            epoch: new Int32Array(queries).fill(epoch),
            index: data.testIndex,
            label: data.testLabels,
            predicted: results.clean.predictions,
          });
          metrics({ [epoch === 0 ? "knn_init" : "knn"]: results.clean.accuracy });
        }
      }
      embedder.dispose();
      network.dispose();
    }
    runtime.close();
  },
});

/** Images and labels of both splits. */
interface ProbeData {
  readonly train: ImageSource;
  readonly test: ImageSource;
  readonly trueLabels: Int32Array;
  readonly trainLabels: Int32Array;
  readonly testLabels: Int32Array;
  readonly testIndex: Int32Array;
}

interface ProbeOptions {
  readonly neighbours: number;
  readonly self: "exclude" | "include";
  readonly matMul: MatMul;
}

type Results = Readonly<Record<"clean" | "noisy", ProbeResult>>;

/** The clean probe of the test images, and the noisy probe of the training images. */
async function probeLayer(
  embedder: Embedder,
  layer: string,
  data: ProbeData,
  { self, ...options }: ProbeOptions,
): Promise<Results> {
  const bank = await activations(embedder, data.train, layer);
  const queries = await activations(embedder, data.test, layer);
  return {
    clean: await knnProbe({
      bank,
      bankLabels: data.trueLabels,
      queries,
      queryLabels: data.testLabels,
    }, options),
    noisy: await knnProbe({
      bank,
      bankLabels: data.trainLabels,
      queries: bank,
      queryLabels: data.trainLabels,
    }, { ...options, self }),
  };
}

function probeRows(
  epoch: number,
  layer: string,
  depth: number,
  { clean, noisy }: Results,
  chance: Readonly<Record<"clean" | "noisy", number>>,
  data: ProbeData,
) {
  return {
    epoch: Int32Array.of(epoch, epoch),
    layer: [layer, layer],
    depth: Int32Array.of(depth, depth),
    bank: ["clean", "noisy"],
    accuracy: Float64Array.of(clean.accuracy, noisy.accuracy),
    chance: Float64Array.of(chance.clean, chance.noisy),
    queries: Int32Array.of(data.test.count, data.train.count),
  };
}
