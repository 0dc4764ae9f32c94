/**
 * The training loop.
 *
 * @module
 */
import type { RandomSource } from "../random/random.ts";
import type { Runtime } from "../tensorflow/runtime.ts";
import type { Network } from "./network.ts";
import type { TrainingConfig, TrainingData, TrainingOptions, TrainingOutcome } from "./training.ts";

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

/**
 * Trains a network in place. The same setup gives the same run, whatever interruptions there are.
 *
 * @throws {TrainingDivergedError} if the loss is no longer finite.
 * @throws {RangeError} if the configuration and the data do not fit together.
 * @throws {Error} if `options.resume` belongs to another configuration.
 */
export declare function train(
  setup: TrainingSetup,
  options: TrainingOptions,
): Promise<TrainingOutcome>;
