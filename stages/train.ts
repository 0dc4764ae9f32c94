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
import type {
  EvaluationTools,
  HistoryRow,
  Progress,
  TrainingConfig,
  TrainingData,
  TrainingOutcome,
} from "../lib/nn/training/training.ts";
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
import {
  committed,
  defineStage,
  optional,
  type StageContext,
} from "../lib/pipeline/stage/stage.ts";
import { RandomSource } from "../lib/random/random.ts";
import type { RuntimeInfo } from "../lib/tensorflow/runtime.ts";

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
  optimiser: z.enum(["adam", "sgd", "lars"]).default("adam").describe(
    "Optimiser; SGD and LARS with momentum of 0.9",
  ),
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

const inputs = {
  images: imageSchema.pick("index", "image"),
  labels: labelSchema,
  views: optional(viewSchema),
  view_labels: optional(viewLabelSchema),
  test: imageSchema.pick("index", "image", "label"),
};

const outputs = {
  checkpoint: checkpointSchema,
  snapshots: snapshotSchema,
  history: committed(historySchema),
};

type Context = StageContext<Params, typeof inputs, typeof outputs>;

export default defineStage({
  description: "Trains an encoder with a projector on the drawn labels",
  params: paramsSchema,
  inputs,
  outputs,
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  extends: "epochs",
  tolerance: { except: ["history.seconds"] },
  async run(context) {
    const { params, inputs, outputs, seed } = context;
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    using runtime = await openRuntime({ threads: context.threads });
    context.environment(runtime.info);
    const images = imagesOf(inputs.images, inputs.labels.column("index"), params.size);
    const random = new RandomSource(seed);
    const networkConfig = networkConfigOf(context, images);
    using network = createNetwork(runtime, networkConfig, random);
    using online = await onlineViews(context, images, runtime.info);
    const data = trainingData(context, images, online);
    const config = trainingConfig(params);
    const identity = trainingIdentity(network, data, config, seed);
    const metadata = { network: JSON.stringify(networkConfig), identity: JSON.stringify(identity) };
    outputs.snapshots.configure({ metadata: { name: metadata } });
    outputs.checkpoint.configure({ metadata: { name: metadata } });
    const earlier = earlierRun(context, config);
    const snapshots: SnapshotsByEpoch = new Map(earlier?.snapshots);
    const outcome = await train({ runtime, network, data, config, random }, {
      clock: context.now,
      signal: context.signal,
      checkpointSeconds: CHECKPOINT_SECONDS,
      resume: earlier?.state,
      onCheckpoint: (state) =>
        context.checkpoint.save((folder) => saveRun(folder, { state, snapshots })),
      onSnapshot: (epoch, entries) => Promise.resolve(void snapshots.set(epoch, entries)),
      onEvaluation: evaluationOf(context, images),
      onProgress: (progress) =>
        context.progress(progress.step / progress.steps, describe(progress)),
    });
    if (outcome.reason === "interrupted") throw context.signal.reason;
    outputs.history.append(historyRows(outcome.state.history));
    for (const rows of snapshotRows(snapshots)) outputs.snapshots.append(rows);
    outputs.checkpoint.append(stateRows(outcome.state.entries));
    context.metrics(finalMetrics(outcome));
  },
});

function networkConfigOf({ params, inputs }: Context, images: ImageSource): NetworkConfig {
  return {
    encoder: encoders[params.encoder],
    hidden: params.projector,
    classes: classesOf(inputs),
    images: images.shape,
  };
}

function classesOf({ labels }: Context["inputs"]): number {
  return Number(labels.metadataOf("label").classes);
}

function trainingData(
  { params, inputs }: Context,
  images: ImageSource,
  online: OnlineViews | null,
): TrainingData {
  const { labels, view_labels, views } = inputs;
  return {
    images,
    classes: classesOf(inputs),
    labels: view_labels?.rowCount ? view_labels.column("label") : labels.column("label"),
    views: online ?? cachedViews(params, views, labels.column("index")),
  };
}

/** What makes a fresh view of every image at every step, where the augmentation asks for that. */
async function onlineViews(
  { params, inputs, seed }: Context,
  images: ImageSource,
  info: RuntimeInfo,
): Promise<OnlineViews | null> {
  if (params.augmentation !== "online") return null;
  const [height, width] = images.shape;
  const size = { height, width };
  return new OnlineViews({
    images: await images.read(0, images.count),
    policy: parseTransformPolicy(params.policy),
    input: size,
    output: size,
    indices: inputs.labels.column("index"),
    seed,
    workers: onlineWorkers(info, navigator.hardwareConcurrency),
  });
}

/** What is measured beside the fit: the K-NN accuracy on the first test images, if any are wanted. */
function evaluationOf({ params, inputs, live }: Context, images: ImageSource) {
  const count = Math.min(params.knn_queries, inputs.test.rowCount);
  const test = count === 0 ? null : { ...allImagesOf(inputs.test, params.size), count };
  const labels = inputs.test.column("label").subarray(0, count);
  return async (row: HistoryRow, { embed }: EvaluationTools) => {
    const knn = test === null ? null : await knnAccuracy(
      { embeddings: await embed(images), labels: inputs.labels.column("true_label") },
      { embeddings: await embed(test), labels },
    );
    live({ epoch: row.epoch, loss: row.loss ?? NaN, fit: row.accuracy, knn: knn ?? NaN });
    return { knn };
  };
}

/** The run that this one goes on from: its own checkpoint, or a result of fewer epochs. */
function earlierRun(
  { checkpoint: { latest }, predecessor, log }: Context,
  config: TrainingConfig,
): ResumableRun | null {
  if (latest !== null) return loadRun(latest);
  return predecessor && predecessorRun(predecessor, config, log);
}

function finalMetrics({ state, input }: TrainingOutcome): Record<string, number> {
  const last = state.history.at(-1)!;
  return {
    epochs: last.epoch,
    fit: last.accuracy,
    ...last.knn === null ? {} : { knn: last.knn },
    seconds_training: last.secondsTraining,
    seconds_waiting_for_batches: input.secondsWaited,
  };
}

function trainingConfig(params: Params): TrainingConfig {
  return {
    epochs: params.epochs,
    batchSize: params.batch_size,
    optimiser: params.optimiser,
    learningRate: params.learning_rate,
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
