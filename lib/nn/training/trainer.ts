/**
 * The training loop: batches in a seeded order, one recorded step each, evaluations, snapshots,
 * checkpoints, and a clear end.
 *
 * @module
 */
import { disposeBatch } from "./batch_loader.ts";
import { assertSameIdentity, captureState, restoreState } from "../network/checkpoint.ts";
import { LossLog } from "./loss_log.ts";
import { Pace } from "./pace.ts";
import { scheduleFactor } from "./schedule.ts";
import type {
  HistoryRow,
  StopRule,
  TrainingOptions,
  TrainingOutcome,
  TrainingState,
} from "./training.ts";
import { checkTraining, trainingIdentity } from "./training_checks.ts";
import { createTrainingParts, type TrainingParts, type TrainingSetup } from "./training_parts.ts";

export type { TrainingSetup } from "./training_parts.ts";

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
  const { network, data, config, random } = setup;
  checkTraining(network, data, config);
  const identity = trainingIdentity(network, data, config, random.seed);
  if (options.resume) assertSameIdentity(identity, options.resume.identity);
  const parts = createTrainingParts(setup, options.clock);
  try {
    if (options.resume) restoreState(parts.variables, options.resume.entries);
    return await new Run(setup, parts, options, identity).execute();
  } finally {
    await parts.dispose();
  }
}

/** One call of {@link train}. */
class Run {
  readonly #setup: TrainingSetup;
  readonly #parts: TrainingParts;
  readonly #options: TrainingOptions;
  readonly #identity: Readonly<Record<string, string>>;
  readonly #log: LossLog;
  readonly #pace = new Pace();
  readonly #history: HistoryRow[];
  #epoch: number;
  #batch: number;
  #secondsTraining: number;
  #snapshotEpoch = -1;
  #lastCheckpointMs: number;
  #lastProgressMs = -Infinity;

  constructor(
    setup: TrainingSetup,
    parts: TrainingParts,
    options: TrainingOptions,
    identity: Readonly<Record<string, string>>,
  ) {
    const { resume, clock } = options;
    this.#setup = setup;
    this.#parts = parts;
    this.#options = options;
    this.#identity = identity;
    this.#epoch = resume?.epoch ?? 0;
    this.#batch = resume?.batch ?? 0;
    this.#secondsTraining = resume?.secondsTraining ?? 0;
    this.#history = [...resume?.history ?? []];
    this.#log = new LossLog(setup.runtime.tf, {
      capacity: parts.span.stepsPerEpoch,
      learningRate: setup.config.learningRate,
      step: this.#stepsDone,
      losses: resume?.losses ?? [],
    });
    this.#lastCheckpointMs = clock();
  }

  async execute(): Promise<TrainingOutcome> {
    try {
      return await this.#runToEnd();
    } finally {
      this.#log.dispose();
    }
  }

  async #runToEnd(): Promise<TrainingOutcome> {
    if (this.#history.length === 0) await this.#evaluate();
    let reason = this.#endReached();
    while (reason === null) {
      if (await this.#trainEpoch() === "interrupted") {
        return this.#outcome("interrupted", await this.#checkpoint());
      }
      await this.#finishEpoch();
      reason = this.#endReached();
    }
    await this.#snapshot();
    return this.#outcome(reason, await this.#state());
  }

  #outcome(reason: TrainingOutcome["reason"], state: TrainingState): TrainingOutcome {
    return { reason, state, input: this.#parts.loader.cost };
  }

  get #stepsDone(): number {
    return this.#epoch * this.#parts.span.stepsPerEpoch + this.#batch;
  }

  #endReached(): "fitted" | "epochs" | null {
    if (isFitted(this.#history, this.#setup.config.stop)) return "fitted";
    return this.#epoch >= this.#parts.span.epochs ? "epochs" : null;
  }

  /** Trains on what is left of the running epoch. */
  async #trainEpoch(): Promise<"done" | "interrupted"> {
    const { signal, checkpointSeconds = Infinity, clock } = this.#options;
    while (this.#batch < this.#parts.span.stepsPerEpoch) {
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
    const batch = await this.#parts.loader.take(this.#stepsDone);
    try {
      const scalars = this.#parts.optimiser.scalars(this.#stepsDone + 1, this.#learningRate());
      const running = this.#parts.step.run(batch, scalars);
      this.#parts.loader.prefetch();
      await this.#log.add(await running);
    } finally {
      disposeBatch(batch);
    }
    this.#batch++;
    const seconds = (clock() - start) / 1000;
    this.#secondsTraining += seconds;
    this.#pace.addStep(seconds);
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
      accuracy: await this.#parts.measureFit(),
      knn: null,
      learningRate: this.#learningRate(),
      secondsTraining: this.#secondsTraining,
      imagesPerSecond: this.#imagesPerSecond(),
    };
    const measured = await onEvaluation?.(row, {
      embed: (images) => this.#parts.embedder.embed(images),
    });
    this.#history.push({ ...row, knn: measured?.knn ?? null });
    this.#pace.addEvaluation((clock() - start) / 1000);
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
      entries: await captureState(this.#parts.variables),
      identity: this.#identity,
    };
  }

  /** The learning rate of the next step; after the last step, of that one. */
  #learningRate(): number {
    const { learningRate, schedule = { kind: "constant" } } = this.#setup.config;
    const last = this.#parts.span.epochs * this.#parts.span.stepsPerEpoch - 1;
    const step = Math.min(this.#stepsDone, last);
    return learningRate * scheduleFactor(schedule, step, this.#parts.span);
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
    const { epochs, stepsPerEpoch } = this.#parts.span;
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
    const { epochs, stepsPerEpoch } = this.#parts.span;
    const every = this.#setup.config.evaluateEvery;
    return this.#pace.secondsFor({
      steps: epochs * stepsPerEpoch - this.#stepsDone,
      evaluations: Math.ceil(epochs / every) - Math.floor(this.#epoch / every),
    });
  }
}

/** Whether the last evaluations all reached the rule's accuracy; INIT does not count. */
function isFitted(history: readonly HistoryRow[], stop: StopRule | undefined): boolean {
  if (!stop) return false;
  const { accuracy = 1, evaluations } = stop;
  const last = history.slice(-evaluations);
  return last.length === evaluations &&
    last.every((row) => row.epoch > 0 && row.accuracy >= accuracy);
}
