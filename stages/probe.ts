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
import { EMBEDDING, OUTPUT } from "../lib/tables/layer_names.ts";
import { chanceAccuracy } from "../lib/metrics/chance.ts";
import { scorePredictions } from "../lib/metrics/knn.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { activations } from "../lib/nn/network/activations.ts";
import type { Embedder } from "../lib/nn/network/embed.ts";
import type { ImageSource } from "../lib/nn/network/images.ts";
import type { NetworkConfig } from "../lib/nn/network/network.ts";
import { predictByNeighbours } from "../lib/nn/network/layer_neighbours.ts";
import { Snapshots } from "../lib/nn/training/snapshots.ts";
import { allImagesOf, imagesOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage, type InputOf } from "../lib/pipeline/stage/stage.ts";

const paramsSchema = z.object({
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
});

const inputs = {
  snapshots: snapshotSchema,
  labels: labelSchema,
  train: imageSchema.pick("index", "image", "label"),
  test: imageSchema.pick("index", "image", "label"),
};

type ProbeParams = z.output<typeof paramsSchema>;
type ProbeInputs = { readonly [N in keyof typeof inputs]: InputOf<typeof inputs[N]> };

export default defineStage({
  description: "Probes a trained network's layers by K-NN, with clean and with noisy labels",
  params: paramsSchema,
  inputs,
  outputs: { probe: committed(probeSchema), predictions: committed(predictionSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, ...context }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    using runtime = await openRuntime({ threads: context.threads });
    context.environment(runtime.info);
    const snapshots = new Snapshots(inputs.snapshots);
    const data = readProbed(inputs, params, snapshots.config);
    const options = { neighbours: data.neighbours, matMul: runtimeMatMul(runtime) };
    const everyLayer = snapshots.choose(params.layer_epochs);
    const networks = snapshots.networks(runtime, snapshots.epochs, context);
    for (const { epoch, isLast, layers: all, embedder } of networks) {
      const isWhole = everyLayer.includes(epoch);
      const layers = isWhole ? all : [EMBEDDING];
      const row = (layer: string, bank: string, score: Score) => ({
        epoch: Int32Array.of(epoch),
        layer: [layer],
        depth: Int32Array.of(all.indexOf(layer)),
        bank: [bank],
        accuracy: Float64Array.of(score.accuracy),
        chance: Float64Array.of(score.chance),
        queries: Int32Array.of(score.queries),
      });
      if (isWhole && data.hasOwnAnswer) {
        const own = await classify(embedder, data.test);
        outputs.probe.append(row(OUTPUT, "none", scoreOf(own, data.clean)));
      }
      const clean = await predictByNeighbours(embedder, { layers, ...data.clean }, options);
      const noisy = await predictByNeighbours(embedder, { layers, ...data.noisy }, options);
      for (const layer of layers) {
        outputs.probe.append(row(layer, "clean", scoreOf(clean.get(layer)!, data.clean)));
        outputs.probe.append(row(layer, "noisy", scoreOf(noisy.get(layer)!, data.noisy)));
      }
      if (epoch === 0 || isLast) {
        const predicted = clean.get(EMBEDDING)!;
        outputs.predictions.append({
          epoch: new Int32Array(data.test.count).fill(epoch),
          index: data.testIndex,
          label: data.clean.queryLabels,
          predicted,
        });
        const { accuracy } = scoreOf(predicted, data.clean);
        context.metrics({ [epoch === 0 ? "knn_init" : "knn"]: accuracy });
      }
    }
  },
});

/** A probe's images and labels, and the accuracy of a guess. */
interface Probed {
  readonly bank: ImageSource;
  readonly bankLabels: Int32Array;
  readonly queries: ImageSource;
  readonly queryLabels: Int32Array;
  /** Whether a query's own row is left out of its neighbours. */
  readonly leaveOneOut: boolean;
  readonly chance: number;
}

interface Score {
  readonly accuracy: number;
  readonly chance: number;
  readonly queries: number;
}

function scoreOf(predicted: Int32Array, { queryLabels, chance }: Probed): Score {
  const { accuracy } = scorePredictions(predicted, queryLabels);
  return { accuracy, chance, queries: queryLabels.length };
}

/** What the clean and the noisy probe compare. */
function readProbed(inputs: ProbeInputs, params: ProbeParams, { images, classes }: NetworkConfig) {
  const [size] = images;
  const count = Math.min(params.queries ?? Infinity, inputs.test.rowCount);
  const test = { ...allImagesOf(inputs.test, size), count };
  const train = imagesOf(inputs.train, inputs.labels.column("index"), size);
  const trainLabels = inputs.labels.column("label");
  const neighbours = Math.min(params.neighbours, train.count - 1);
  const trueClasses: number = JSON.parse(inputs.test.metadataOf("label").class_names).length;
  const bank = params.bank === "all"
    ? { bank: allImagesOf(inputs.train, size), bankLabels: inputs.train.column("label") }
    : { bank: train, bankLabels: inputs.labels.column("true_label") };
  const clean: Probed = {
    ...bank,
    queries: test,
    queryLabels: inputs.test.column("label").subarray(0, count),
    leaveOneOut: false,
    chance: 1 / trueClasses,
  };
  const noisy: Probed = {
    bank: train,
    bankLabels: trainLabels,
    queries: train,
    queryLabels: trainLabels,
    leaveOneOut: params.self === "exclude",
    chance: chanceAccuracy({ classes, neighbours, self: params.self }),
  };
  const testIndex = inputs.test.column("index").subarray(0, count);
  return { test, testIndex, clean, noisy, neighbours, hasOwnAnswer: classes === trueClasses };
}

/** The class of each image by the network's own output: the first of the largest. */
async function classify(embedder: Embedder, images: ImageSource): Promise<Int32Array> {
  const { values, columns } = await activations(embedder, images, OUTPUT);
  return Int32Array.from({ length: images.count }, (_, row) => {
    const answers = values.subarray(row * columns, (row + 1) * columns);
    return answers.indexOf(answers.reduce((a, b) => Math.max(a, b)));
  });
}
