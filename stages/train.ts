/**
 * Trains an encoder with a projector on the drawn labels.
 *
 * @module
 */
import { z } from "zod";
import {
  checkpointSchema,
  historySchema,
  imageSchema,
  labelSchema,
  snapshotSchema,
  viewLabelSchema,
  viewSchema,
} from "../lib/tables/schemas.ts";
import { OnlineViews } from "../lib/augment/views/online_views.ts";
import { parseTransformPolicy } from "../lib/augment/policy/policy.ts";
import { transformPolicyParam } from "../lib/augment/policy/policy_param.ts";
import { knnProbe } from "../lib/metrics/knn.ts";
import { matrix } from "../lib/metrics/matrix.ts";
import { encoders } from "../lib/nn/network/encoder.ts";
import type { ImageSource } from "../lib/nn/network/images.ts";
import { createNetwork, type NetworkConfig } from "../lib/nn/network/network.ts";
import { onlineWorkers } from "../lib/nn/training/online_workers.ts";
import { train } from "../lib/nn/training/trainer.ts";
import type { Progress, TrainingConfig, TrainingData } from "../lib/nn/training/training.ts";
import { dependsOnEpochs } from "../lib/nn/training/schedule.ts";
import { trainingIdentity } from "../lib/nn/training/training_checks.ts";
import {
  finishedRun,
  type FinishedTables,
  historyRows,
  loadRun,
  type ResumableRun,
  saveRun,
  snapshotRows,
  type SnapshotsByEpoch,
} from "../lib/nn/training/training_tables.ts";
import { allImagesOf, imagesOf, stateRows, viewsOf } from "../lib/nn/training/view_table.ts";
import type { ViewSource } from "../lib/nn/training/views.ts";
import { committed, defineStage, optional } from "../lib/pipeline/stage/stage.ts";
import { RandomSource } from "../lib/random/random.ts";

/** Neighbours of the K-NN probe in the history. */
const NEIGHBOURS = 20;
/** Time between checkpoints. */
const CHECKPOINT_SECONDS = 120;

const paramsSchema = z.object({
  augmentation: z.enum(["none", "cached", "online"]).describe(
    "Train on the images themselves, on precomputed views, or on a fresh view at every step",
  ),
  policy: transformPolicyParam.default("full").describe("Augmentation policy of online views"),
  size: z.int().min(1).nullable().default(null).describe(
    "Side to which images are resized (null: as they are)",
  ),
  encoder: z.enum(Object.keys(encoders) as [keyof typeof encoders]).default("narrow").describe(
    "Architecture of the encoder",
  ),
  projector: z.array(z.int().min(1)).default([2048]).describe(
    "Widths of the projector's hidden layers",
  ),
  optimiser: z.enum(["adam", "momentum", "lars"]).default("adam").describe("Optimiser"),
  learning_rate: z.number().positive().default(3e-4).describe("Learning rate, before its schedule"),
  schedule: z.enum(["constant", "cosine", "thirds"]).default("constant").describe(
    "Course of the learning rate: constant, half a cosine, or x0.1 after each third",
  ),
  floor: z.number().min(0).max(1).default(0).describe(
    "Of the cosine, the last learning rate as a share of the first",
  ),
  loss: z.enum(["mse", "cross-entropy"]).default("mse").describe("Loss"),
  loss_scale: z.number().positive().default(1).describe("Factor of the mean squared error"),
  mixup: z.enum(["none", "paper"]).default("none").describe("Whether batches are mixed"),
  precision: z.enum(["float32", "bfloat16"]).default("float32").describe(
    "Arithmetic of convolutions and matrix products; the state is float32 either way",
  ),
  xla: z.boolean().default(false).describe("Whether the step is compiled by XLA"),
  batch_size: z.int().min(1).default(256).describe("Samples a step"),
  epochs: z.int().min(0).describe("Epochs at most"),
  evaluate_every: z.int().min(1).default(50).describe("Epochs between evaluations"),
  knn_queries: z.int().min(0).default(1000).describe(
    "Test images for the K-NN accuracy in the history (0: none)",
  ),
  snapshots: z.array(z.int().min(0)).default([0]).describe(
    "Epochs after which the weights are kept; 0 is INIT, the last epoch is always kept",
  ),
  stop_evaluations: z.int().min(0).default(0).describe(
    "Stop when so many evaluations in a row found every training label fitted (0: go on)",
  ),
});

type Params = z.output<typeof paramsSchema>;

export default defineStage({
  description: "Trains an encoder with a projector on the drawn labels",
  params: paramsSchema,
  inputs: {
    images: imageSchema.pick("index", "image"),
    labels: labelSchema,
    views: optional(viewSchema),
    view_labels: optional(viewLabelSchema),
    test: imageSchema.pick("index", "image", "label"),
  },
  outputs: {
    checkpoint: checkpointSchema,
    snapshots: snapshotSchema,
    history: committed(historySchema),
  },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  extends: "epochs",
  tolerance: { except: ["history.seconds"] },
  async run({ params, inputs, outputs, seed, threads, ...context }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    const runtime = await openRuntime({ threads });
    context.environment(runtime.info);
    const index = inputs.labels.column("index");
    const classes = Number(inputs.labels.metadataOf("label").classes);
    const images = imagesOf(inputs.images, index, params.size);
    const random = new RandomSource(seed);
    const config: NetworkConfig = {
      encoder: encoders[params.encoder],
      hidden: params.projector,
      classes,
      images: images.shape,
    };
    const network = createNetwork(runtime, config, random);
    using online = params.augmentation === "online"
      ? new OnlineViews({
        ...await onlineSource(images, params.policy),
        indices: index,
        seed,
        workers: onlineWorkers(runtime.info, navigator.hardwareConcurrency),
      })
      : null;
    const data: TrainingData = {
      images,
      classes,
      labels: inputs.view_labels?.rowCount
        ? inputs.view_labels.column("label")
        : inputs.labels.column("label"),
      views: online ?? cachedViews(params, inputs.views, index),
    };
    const queries = Math.min(params.knn_queries, inputs.test.rowCount);
    const test = queries === 0 ? null : allImagesOf(inputs.test, params.size);
    const training = trainingConfig(params);
    const identity = trainingIdentity(network, data, training, seed);
    const metadata = { network: JSON.stringify(config), identity: JSON.stringify(identity) };
    outputs.snapshots.configure({ metadata: { name: metadata } });
    outputs.checkpoint.configure({ metadata: { name: metadata } });
    const { checkpoint: { latest }, predecessor } = context;
    const resumed = latest !== null
      ? loadRun(latest)
      : predecessor && predecessorRun(predecessor, training, context.log);
    const snapshots: SnapshotsByEpoch = new Map(resumed?.snapshots);
    const outcome = await train({ runtime, network, data, config: training, random }, {
      clock: context.now,
      signal: context.signal,
      checkpointSeconds: CHECKPOINT_SECONDS,
      resume: resumed?.state,
      onCheckpoint: (state) =>
        context.checkpoint.save((folder) => saveRun(folder, { state, snapshots })),
      onSnapshot: (epoch, entries) => Promise.resolve(void snapshots.set(epoch, entries)),
      async onEvaluation(row, { embed }) {
        const knn = test === null ? NaN : await knnAccuracy(
          { embeddings: await embed(images), labels: inputs.labels.column("true_label") },
          {
            embeddings: await embed(first(test, queries)),
            labels: inputs.test.column("label").subarray(0, queries),
          },
        );
        context.live({ epoch: row.epoch, loss: row.loss ?? NaN, fit: row.accuracy, knn });
        return { knn };
      },
      onProgress: (progress) =>
        context.progress(progress.step / progress.steps, describe(progress)),
    });
    if (outcome.reason === "interrupted") throw context.signal.reason;
    outputs.history.append(historyRows(outcome.state.history));
    for (const rows of snapshotRows(snapshots)) outputs.snapshots.append(rows);
    outputs.checkpoint.append(stateRows(outcome.state.entries));
    const last = outcome.state.history.at(-1)!;
    context.metrics({
      epochs: last.epoch,
      fit: last.accuracy,
      knn: last.knn ?? NaN,
      seconds_training: last.secondsTraining,
      seconds_waiting_for_batches: outcome.input.secondsWaited,
    });
    network.dispose();
    runtime.close();
  },
});

function trainingConfig(params: Params): TrainingConfig {
  return {
    epochs: params.epochs,
    batchSize: params.batch_size,
    optimiser: { kind: params.optimiser, learningRate: params.learning_rate },
    schedule: params.schedule === "cosine"
      ? { kind: "cosine", floor: params.floor }
      : { kind: params.schedule },
    loss: params.loss === "mse" ? { kind: "mse", scale: params.loss_scale } : { kind: params.loss },
    mixup: params.mixup,
    precision: params.precision,
    xla: params.xla,
    evaluateEvery: params.evaluate_every,
    snapshots: params.snapshots,
    ...params.stop_evaluations > 0 ? { stop: { evaluations: params.stop_evaluations } } : {},
  };
}

/** An earlier result of fewer epochs as a run that can go on, where the mathematics allows it. */
function predecessorRun(
  { params, tables }: { params: Params; tables: FinishedTables },
  training: TrainingConfig,
  log: (line: string) => void,
): ResumableRun | null {
  if (dependsOnEpochs(training.schedule ?? { kind: "constant" })) {
    log(
      `starts anew: there is a result of ${params.epochs} epochs, but the learning rate depends ` +
        `on the number of all epochs`,
    );
    return null;
  }
  log(`goes on from a result of ${params.epochs} epochs`);
  const identity = JSON.parse(tables.checkpoint.metadataOf("name").identity);
  const run = finishedRun(tables, identity);
  const wanted = training.snapshots ?? [];
  const kept = [...run.snapshots].filter(([epoch]) => wanted.includes(epoch));
  return { state: run.state, snapshots: new Map(kept) };
}

/** The precomputed views, where the augmentation asks for them. */
function cachedViews(
  { augmentation }: Params,
  table: Parameters<typeof viewsOf>[0] | undefined,
  index: Int32Array,
): ViewSource | undefined {
  if (augmentation !== "cached") return undefined;
  if (table) return viewsOf(table, index).source;
  throw new Error(
    `Cannot train with augmentation "cached" as the need "views" is not met: ` +
      `add "views: { from: augment, when: { augmentation: cached } }" to the stage's needs`,
  );
}

/** What online views are made from, and as what. */
async function onlineSource(images: ImageSource, text: string) {
  const policy = parseTransformPolicy(text);
  const [height, width] = images.shape;
  const size = { height, width };
  return { images: await images.read(0, images.count), policy, input: size, output: size };
}

function first(images: ImageSource, count: number): ImageSource {
  return { ...images, count };
}

async function knnAccuracy(
  bank: { embeddings: Float32Array; labels: Int32Array },
  queries: { embeddings: Float32Array; labels: Int32Array },
): Promise<number> {
  const columns = bank.embeddings.length / bank.labels.length;
  const { accuracy } = await knnProbe({
    bank: matrix(bank.embeddings, columns),
    bankLabels: bank.labels,
    queries: matrix(queries.embeddings, columns),
    queryLabels: queries.labels,
  }, { neighbours: Math.min(NEIGHBOURS, bank.labels.length) });
  return accuracy;
}

function describe({ epoch, epochs, last, imagesPerSecond }: Progress): string {
  return [
    `epoch ${Math.floor(epoch)} of ${epochs}`,
    ...last ? [`fit ${(100 * last.accuracy).toFixed(0)} %`] : [],
    ...imagesPerSecond === null ? [] : [`${Math.round(imagesPerSecond)} images/s`],
  ].join(", ");
}
