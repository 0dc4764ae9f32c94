/**
 * What a training run is told and what it tells: its data, settings, events and outcome.
 * Letters: n samples, B views per sample, H rows, W columns, C classes, D width of the embedding.
 *
 * @module
 */
import type { ImageSource } from "../network/images.ts";
import type { ViewSource } from "./views.ts";
import type { LossConfig } from "./loss.ts";
import type { OptimiserKind } from "./optimiser.ts";
import type { ScheduleConfig } from "./schedule.ts";
import type { StateEntry } from "../network/checkpoint.ts";

/** What is learnt. */
export interface TrainingData {
  /** The unaugmented images, n of them. */
  readonly images: ImageSource;
  /** A label in [0, C) a sample [n], or one a view [n,B] (sample by sample). */
  readonly labels: Int32Array;
  /** C. */
  readonly classes: number;
  /** What the batches are made of; without it the unaugmented images. */
  readonly views?: ViewSource;
}

/**
 * `none`, or `paper`: with probability 0.8 a batch and its one-hot labels are blended with a
 * permutation of themselves, with one weight a ~ Beta(1, 1) a batch (paper, section 4).
 */
export type Mixup = "none" | "paper";

/** When a run ends before its last epoch. */
export interface StopRule {
  /** Fraction of the labels that counts as a perfect fit. @default {1} */
  readonly accuracy?: number;
  /** How many evaluations in a row must reach it, at least 1. */
  readonly evaluations: number;
}

/** The settings of a run. */
export interface TrainingConfig {
  readonly epochs: number;
  /** Samples a step; the last partial batch of an epoch is dropped. */
  readonly batchSize: number;
  readonly optimiser: OptimiserKind;
  /** Before its schedule. */
  readonly learningRate: number;
  /** @default {{ kind: "constant" }} */
  readonly schedule?: ScheduleConfig;
  /** @default {{ kind: "mse" }} */
  readonly loss?: LossConfig;
  /** @default {"none"} */
  readonly mixup?: Mixup;
  /** Epochs between evaluations; epoch 0 and the last one are evaluated always. */
  readonly evaluateEvery: number;
  /**
   * Epochs of which {@link TrainingEvents.onSnapshot} gets the weights, as far as the run reaches
   * them; 0 is INIT.
   *
   * @default {[]}
   */
  readonly snapshots?: readonly number[];
  /** Without it, training goes on to `epochs`. */
  readonly stop?: StopRule;
  /** Compile the step with XLA, where the backend can. @default {false} */
  readonly xla?: boolean;
  /** `bfloat16` computes convolutions and products in half the bits, with float32 state. @default {"float32"} */
  readonly precision?: "float32" | "bfloat16";
}

/** One evaluation. */
export interface HistoryRow {
  /** Epochs done. */
  readonly epoch: number;
  /** Steps done. */
  readonly step: number;
  /** Mean training loss of the steps of the last epoch; `null` at epoch 0. */
  readonly loss: number | null;
  /**
   * Fraction of the training labels that the network predicts in evaluation mode: from the
   * unaugmented images, or, where each view has its own label, from all views.
   */
  readonly accuracy: number;
  /** Accuracy in [0, 1] of the K-nearest-neighbour probe, where the caller computes it. */
  readonly knn: number | null;
  /** Learning rate of the next step (at the end: of the last one). */
  readonly learningRate: number;
  /** Seconds spent on training steps so far, evaluations not counted. */
  readonly secondsTraining: number;
  /** Training images per second over the last steps; `null` until it was measured. */
  readonly imagesPerSecond: number | null;
}

/** How far a run is. */
export interface Progress {
  /** Epochs done; the fraction belongs to the epoch that is running. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** The last evaluation; `null` before the first one. */
  readonly last: HistoryRow | null;
  readonly imagesPerSecond: number | null;
  /**
   * Seconds to the last epoch at the present speed, evaluations included; less if the run stops
   * as perfectly fitted. `null` until something was measured.
   */
  readonly secondsLeft: number | null;
}

/** What {@link TrainingEvents.onEvaluation} may use. */
export interface EvaluationTools {
  /** Embeddings [count,D] in evaluation mode, not normalised. */
  embed(images: ImageSource): Promise<Float32Array>;
}

/** What a run tells while it goes on. All of them are awaited; none is needed. */
export interface TrainingEvents {
  /** After each evaluation; the K-NN accuracy that it returns goes into the history. */
  onEvaluation?(row: HistoryRow, tools: EvaluationTools): Promise<{ knn: number | null } | void>;
  /** At the epochs of {@link TrainingConfig.snapshots} and at the end, with parameters and running statistics. */
  onSnapshot?(epoch: number, entries: StateEntry[]): Promise<void>;
  /** Every `checkpointSeconds` and on interruption: what {@link TrainingOptions.resume} takes. */
  onCheckpoint?(state: TrainingState): Promise<void>;
  /** At most four times per second. */
  onProgress?(progress: Progress): void;
}

/** Everything that a later process needs to go on, bit for bit where the backend is deterministic. */
export interface TrainingState {
  /** Epochs done. */
  readonly epoch: number;
  /** Batches of the running epoch that are done. */
  readonly batch: number;
  readonly secondsTraining: number;
  readonly history: readonly HistoryRow[];
  /** Losses of the last steps, at most an epoch's. */
  readonly losses: Float32Array;
  /** Parameters, running statistics, the optimiser's moments. */
  readonly entries: readonly StateEntry[];
  /** What must not change between the runs, by name. */
  readonly identity: Readonly<Record<string, string>>;
}

/** The surroundings of a run. */
export interface TrainingOptions extends TrainingEvents {
  /** Milliseconds that only grow, e.g. `() => performance.now()`. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
  /** Goes on from here instead of from the network's present values. */
  readonly resume?: TrainingState;
  /** Seconds between checkpoints. @default {Infinity} */
  readonly checkpointSeconds?: number;
}

/** How a run ended. */
export interface TrainingOutcome {
  /**
   * `fitted`: the stop rule was met; `epochs`: all epochs are done; `interrupted`: the signal
   * came, and `state` was given to {@link TrainingEvents.onCheckpoint}.
   */
  readonly reason: "fitted" | "epochs" | "interrupted";
  readonly state: TrainingState;
  /** What the batches cost. */
  readonly input: InputCost;
}

/** What preparing batches cost, which overlaps the steps. */
export interface InputCost {
  /** Seconds from asking for a batch to having it, summed over batches that may overlap. */
  readonly seconds: number;
  /** Seconds for which a step had to wait for its batch. */
  readonly secondsWaited: number;
}
