/**
 * The training loop: batches in a seeded order, one recorded step each, evaluations, snapshots,
 * checkpoints, and a clear end.
 *
 * @module
 */
import type { RandomSource } from "../random/random.ts";
import type { Runtime, Variable } from "../tensorflow/runtime.ts";
import { BatchLoader, disposeBatch } from "./batch_loader.ts";
import { BatchPlanner } from "./batches.ts";
import { assertSameIdentity, captureState, restoreState } from "./checkpoint.ts";
import { createEmbedder, type Embedder } from "./embed.ts";
import { createFitMeter, type FitMeter } from "./fit.ts";
import type { ImageSource } from "./images.ts";
import { LossLog } from "./loss_log.ts";
import type { Network } from "./network.ts";
import { createOptimiser, type Optimiser } from "./optimiser.ts";
import { Pace } from "./pace.ts";
import { scheduleFactor, type Span } from "./schedule.ts";
import type {
  HistoryRow,
  StopRule,
  TrainingConfig,
  TrainingData,
  TrainingOptions,
  TrainingOutcome,
  TrainingState,
} from "./training.ts";
import { checkTraining, hasLabelPerView, trainingIdentity } from "./training_checks.ts";
import { createTrainingStep, type TrainingStep } from "./training_step.ts";
import { imagesAsViews, viewsAsImages, type ViewSource } from "./views.ts";

/** What a run works on. */
export interface TrainingSetup {
  readonly runtime: Runtime;
  /** Trained in place. */
  readonly network: Network;
  readonly data: TrainingData;
  readonly config: TrainingConfig;
  /** Draws the order of the samples, their views and mixup; streams "order", "view", "mixup". */
  readonly random: RandomSource;
}

const EVALUATION_BATCH = 256;
const PROGRESS_INTERVAL_MS = 250;

/**
 * Trains a network in place. The same setup gives the same run, whatever interruptions there are.
 *
 * @throws {TrainingDivergedError} if the loss is no longer finite.
 * @throws {RangeError} if the configuration and the data do not fit together.
 * @throws {Error} if `options.resume` belongs to another configuration.
 */
export async function train(
  setup: TrainingSetup,
  options: TrainingOptions,
): Promise<TrainingOutcome> {
  checkTraining(setup.network, setup.data, setup.config);
  const run = new Run(setup, options);
  try {
    return await run.execute();
  } finally {
    await run.dispose();
  }
}

/** One call of {@link train}. */
class Run {
  readonly #setup: TrainingSetup;
  readonly #options: TrainingOptions;
  readonly #identity: Record<string, string>;
  readonly #span: Span;
  readonly #variables: readonly Variable[];
  readonly #optimiser: Optimiser;
  readonly #step: TrainingStep;
  readonly #loader: BatchLoader;
  readonly #evaluated: { images: ImageSource; labels: Int32Array };
  readonly #fit: FitMeter;
  readonly #embedder: Embedder;
  readonly #log: LossLog;
  readonly #pace = new Pace();
  readonly #history: HistoryRow[];
  #epoch: number;
  #batch: number;
  #secondsTraining: number;
  #secondsPerEvaluation = 0;
  #snapshotEpoch = -1;
  #lastCheckpointMs: number;
  #lastProgressMs = -Infinity;

  constructor(setup: TrainingSetup, options: TrainingOptions) {
    const { runtime, network, data, config, random } = setup;
    const { resume } = options;
    this.#setup = setup;
    this.#options = options;
    this.#identity = trainingIdentity(network, data, config, random.seed);
    if (resume) assertSameIdentity(this.#identity, resume.identity);
    const views = data.views ?? imagesAsViews(data.images);
    const planner = new BatchPlanner({
      samples: data.images.count,
      viewsPerSample: views.viewsPerSample,
      batchSize: config.batchSize,
      mixup: config.mixup ?? "none",
    }, random);
    this.#span = { epochs: config.epochs, stepsPerEpoch: planner.batchesPerEpoch };
    this.#optimiser = createOptimiser(runtime, network.parameters, config.optimiser);
    this.#variables = [...network.parameters, ...network.statistics, ...this.#optimiser.state];
    if (resume) restoreState(this.#variables, resume.entries);
    this.#step = createTrainingStep(runtime, network, {
      loss: config.loss ?? { kind: "mse" },
      optimiser: this.#optimiser,
      xla: config.xla ?? false,
    });
    this.#loader = new BatchLoader({
      runtime,
      planner,
      views,
      shape: data.images.shape,
      labels: data.labels,
      labelPerView: hasLabelPerView(data),
      clock: options.clock,
    });
    this.#evaluated = evaluatedImages(data, views);
    const batchSize = Math.min(EVALUATION_BATCH, this.#evaluated.images.count);
    this.#fit = createFitMeter(runtime, network, { batchSize });
    this.#embedder = createEmbedder(runtime, network, { batchSize: EVALUATION_BATCH });
    this.#epoch = resume?.epoch ?? 0;
    this.#batch = resume?.batch ?? 0;
    this.#secondsTraining = resume?.secondsTraining ?? 0;
    this.#history = [...resume?.history ?? []];
    this.#log = new LossLog(runtime.tf, {
      capacity: planner.batchesPerEpoch,
      learningRate: config.optimiser.learningRate,
      step: this.#stepsDone,
      losses: resume?.losses ?? [],
    });
    this.#lastCheckpointMs = options.clock();
  }

  async execute(): Promise<TrainingOutcome> {
    if (this.#history.length === 0) await this.#evaluate();
    let reason = this.#endReached();
    while (reason === null) {
      if (await this.#trainEpoch() === "interrupted") return await this.#interrupted();
      await this.#finishEpoch();
      reason = this.#endReached();
    }
    await this.#snapshot();
    return { reason, state: await this.#state(), input: this.#loader.cost };
  }

  async dispose(): Promise<void> {
    await this.#loader.dispose();
    this.#log.dispose();
    this.#step.dispose();
    this.#fit.dispose();
    this.#embedder.dispose();
    this.#optimiser.dispose();
  }

  get #stepsDone(): number {
    return this.#epoch * this.#span.stepsPerEpoch + this.#batch;
  }

  #endReached(): "fitted" | "epochs" | null {
    if (isFitted(this.#history, this.#setup.config.stop)) return "fitted";
    return this.#epoch >= this.#span.epochs ? "epochs" : null;
  }

  /** Trains on what is left of the running epoch. */
  async #trainEpoch(): Promise<"done" | "interrupted"> {
    const { signal, checkpointSeconds = Infinity, clock } = this.#options;
    while (this.#batch < this.#span.stepsPerEpoch) {
      if (signal?.aborted) return "interrupted";
      await this.#trainBatch();
      this.#reportProgress();
      if (clock() - this.#lastCheckpointMs >= checkpointSeconds * 1000) await this.#checkpoint();
    }
    return signal?.aborted ? "interrupted" : "done";
  }

  async #trainBatch(): Promise<void> {
    const { clock } = this.#options;
    const start = clock();
    const batch = await this.#loader.take(this.#epoch, this.#batch);
    try {
      const scalars = this.#optimiser.scalars(this.#stepsDone + 1, this.#learningRate());
      const running = this.#step.run(batch, scalars);
      this.#prefetch();
      await this.#log.add(await running);
    } finally {
      disposeBatch(batch);
    }
    this.#batch++;
    const seconds = (clock() - start) / 1000;
    this.#secondsTraining += seconds;
    this.#pace.add(seconds);
  }

  #prefetch(): void {
    if (this.#batch + 1 < this.#span.stepsPerEpoch) {
      this.#loader.prefetch(this.#epoch, this.#batch + 1);
    } else if (this.#epoch + 1 < this.#span.epochs) {
      this.#loader.prefetch(this.#epoch + 1, 0);
    }
  }

  async #finishEpoch(): Promise<void> {
    this.#epoch++;
    this.#batch = 0;
    const { evaluateEvery, snapshots = [], epochs } = this.#setup.config;
    if (this.#epoch % evaluateEvery === 0 || this.#epoch === epochs) await this.#evaluate();
    else if (snapshots.includes(this.#epoch)) await this.#snapshot();
  }

  /** Adds a row to the history, and takes the snapshot if it is due. */
  async #evaluate(): Promise<void> {
    const { clock, onEvaluation } = this.#options;
    const losses = await this.#log.read();
    const start = clock();
    const row: HistoryRow = {
      epoch: this.#epoch,
      step: this.#stepsDone,
      loss: losses.length === 0
        ? null
        : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      accuracy: await this.#fit.measure(this.#evaluated.images, this.#evaluated.labels),
      knn: null,
      learningRate: this.#learningRate(),
      secondsTraining: this.#secondsTraining,
      imagesPerSecond: this.#imagesPerSecond(),
    };
    const measured = await onEvaluation?.(row, { embed: (images) => this.#embedder.embed(images) });
    this.#history.push({ ...row, knn: measured?.knn ?? null });
    this.#secondsPerEvaluation = (clock() - start) / 1000;
    if (this.#setup.config.snapshots?.includes(this.#epoch)) await this.#snapshot();
    this.#reportProgress();
  }

  async #snapshot(): Promise<void> {
    const { onSnapshot } = this.#options;
    if (!onSnapshot || this.#snapshotEpoch === this.#epoch) return;
    this.#snapshotEpoch = this.#epoch;
    const { parameters, statistics } = this.#setup.network;
    await onSnapshot(this.#epoch, await captureState([...parameters, ...statistics]));
  }

  async #interrupted(): Promise<TrainingOutcome> {
    return { reason: "interrupted", state: await this.#checkpoint(), input: this.#loader.cost };
  }

  async #checkpoint(): Promise<TrainingState> {
    const state = await this.#state();
    await this.#options.onCheckpoint?.(state);
    this.#lastCheckpointMs = this.#options.clock();
    return state;
  }

  /** The losses come first: a state that has diverged is not worth keeping. */
  async #state(): Promise<TrainingState> {
    return {
      losses: await this.#log.read(),
      epoch: this.#epoch,
      batch: this.#batch,
      secondsTraining: this.#secondsTraining,
      history: [...this.#history],
      entries: await captureState(this.#variables),
      identity: this.#identity,
    };
  }

  /** The learning rate of the next step; after the last step, of that one. */
  #learningRate(): number {
    const { optimiser, schedule = { kind: "constant" } } = this.#setup.config;
    const last = this.#span.epochs * this.#span.stepsPerEpoch - 1;
    const step = Math.min(this.#stepsDone, last);
    return optimiser.learningRate * scheduleFactor(schedule, step, this.#span);
  }

  #imagesPerSecond(): number | null {
    const { secondsPerStep } = this.#pace;
    return secondsPerStep === null ? null : this.#setup.config.batchSize / secondsPerStep;
  }

  #reportProgress(): void {
    const { onProgress, clock } = this.#options;
    const now = clock();
    if (!onProgress || now - this.#lastProgressMs < PROGRESS_INTERVAL_MS) return;
    this.#lastProgressMs = now;
    const { epochs, stepsPerEpoch } = this.#span;
    onProgress({
      epoch: this.#stepsDone / stepsPerEpoch,
      epochs,
      step: this.#stepsDone,
      steps: epochs * stepsPerEpoch,
      last: this.#history.at(-1) ?? null,
      imagesPerSecond: this.#imagesPerSecond(),
      secondsLeft: this.#secondsLeft(),
    });
  }

  #secondsLeft(): number | null {
    const { secondsPerStep } = this.#pace;
    if (secondsPerStep === null) return null;
    const { epochs, stepsPerEpoch } = this.#span;
    const every = this.#setup.config.evaluateEvery;
    const evaluations = Math.ceil(epochs / every) - Math.floor(this.#epoch / every);
    return (epochs * stepsPerEpoch - this.#stepsDone) * secondsPerStep +
      evaluations * this.#secondsPerEvaluation;
  }
}

/** The images whose labels should be fitted: unaugmented, or all views if each has its own label. */
function evaluatedImages(
  data: TrainingData,
  views: ViewSource,
): { images: ImageSource; labels: Int32Array } {
  const { images, labels } = data;
  if (!hasLabelPerView(data)) return { images, labels };
  return { images: viewsAsImages(views, images.count, images.shape), labels };
}

/** Whether the last evaluations all reached the rule's accuracy; INIT does not count. */
function isFitted(history: readonly HistoryRow[], stop: StopRule | undefined): boolean {
  if (!stop) return false;
  const { accuracy = 1, evaluations } = stop;
  const last = history.slice(-evaluations);
  return last.length === evaluations &&
    last.every((row) => row.epoch > 0 && row.accuracy >= accuracy);
}
