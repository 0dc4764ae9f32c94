/**
 * What a training run works with, put together from its setup: batches, the recorded step,
 * the optimiser's state, the passes of an evaluation.
 *
 * @module
 */
import type { RandomSource } from "../../random/random.ts";
import type { Runtime, Variable } from "../../tensorflow/runtime.ts";
import { BatchLoader } from "./batch_loader.ts";
import { BatchPlanner } from "./batches.ts";
import { createEmbedder, type Embedder } from "../network/embed.ts";
import { createFitMeter } from "../network/fit.ts";
import type { Network } from "../network/network.ts";
import { createOptimiser, type Optimiser } from "./optimiser.ts";
import type { Span } from "./schedule.ts";
import type { TrainingConfig, TrainingData } from "./training.ts";
import { hasLabelPerView } from "./training_checks.ts";
import { createTrainingStep, type TrainingStep } from "./training_step.ts";
import { imagesAsViews, viewsAsImages } from "./views.ts";

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

/** The parts of a run. */
export interface TrainingParts {
  readonly span: Span;
  readonly loader: BatchLoader;
  readonly optimiser: Optimiser;
  readonly step: TrainingStep;
  readonly embedder: Embedder;
  /** All that training changes: parameters, running statistics, the optimiser's state. */
  readonly variables: readonly Variable[];
  /**
   * The fraction of the labels that the network predicts: from the unaugmented images, or from all
   * views if each has its own label.
   */
  measureFit(): Promise<number>;
  /** Frees the parts; the network stays. */
  dispose(): Promise<void>;
}

/** Images in a pass of an evaluation. */
const EVALUATION_BATCH = 256;

/** Puts the parts of a run together. */
export function createTrainingParts(setup: TrainingSetup, clock: () => number): TrainingParts {
  const { runtime, network, data, config, random } = setup;
  const { images, labels, views = imagesAsViews(images) } = data;
  const planner = new BatchPlanner({
    samples: images.count,
    viewsPerSample: views.viewsPerSample,
    batchSize: config.batchSize,
    mixup: config.mixup ?? "none",
  }, random);
  const labelPerView = hasLabelPerView(data);
  const optimiser = createOptimiser(runtime, network.parameters, config.optimiser);
  const { loss = { kind: "mse" }, xla = false, precision = "float32" } = config;
  // Before the loader, which starts to work: the device may refuse the step.
  const step = createTrainingStep(runtime, network, { loss, optimiser, xla, precision });
  const { shape } = images;
  const span = { epochs: config.epochs, stepsPerEpoch: planner.batchesPerEpoch };
  const loader = new BatchLoader({
    runtime,
    planner,
    views,
    shape,
    labels,
    labelPerView,
    steps: span.epochs * span.stepsPerEpoch,
    clock,
  });
  const embedder = createEmbedder(runtime, network, { batchSize: EVALUATION_BATCH });
  const fitted = labelPerView ? viewsAsImages(views, images.count, shape) : images;
  const batchSize = Math.min(EVALUATION_BATCH, fitted.count);
  const fit = createFitMeter(runtime, network, { batchSize });
  return {
    span,
    loader,
    optimiser,
    step,
    embedder,
    variables: [...network.parameters, ...network.statistics, ...optimiser.state],
    measureFit: () => fit.measure(fitted, labels),
    async dispose() {
      await loader.dispose();
      for (const part of [step, embedder, fit, optimiser]) part.dispose();
    },
  };
}
