/**
 * What must hold of a run before it starts or goes on.
 *
 * @module
 */
import type { Network } from "../network/network.ts";
import { dependsOnEpochs } from "./schedule.ts";
import type { TrainingConfig, TrainingData } from "./training.ts";

/**
 * Asserts that configuration, data and network fit together.
 *
 * @throws {RangeError} naming the setting, its value and what is needed.
 */
export function checkTraining(network: Network, data: TrainingData, config: TrainingConfig): void {
  checkData(network, data);
  const { epochs, batchSize, evaluateEvery, stop, learningRate } = config;
  const samples = data.images.count;
  const warmup = config.schedule?.warmupEpochs ?? 0;
  demandNatural("epochs", epochs);
  demandNatural("evaluateEvery", evaluateEvery);
  demandNatural("batchSize", batchSize);
  demand("batchSize", batchSize, batchSize <= samples, `at most the number of samples, ${samples}`);
  demand("learningRate", learningRate, learningRate > 0 && learningRate < Infinity, "above 0");
  demand("warmupEpochs", warmup, warmup >= 0 && warmup < epochs, `in [0, ${epochs})`);
  if (stop) demandNatural("stop.evaluations", stop.evaluations);
}

function checkData(network: Network, { images, labels, classes, views }: TrainingData): void {
  const { config } = network;
  const labelCounts = [images.count, images.count * (views?.viewsPerSample ?? 1)];
  const outside = labels.findIndex((label) => !(label >= 0 && label < classes));
  demand("classes", classes, classes >= 2, "at least 2");
  demand("classes", classes, classes === config.classes, `the network's, ${config.classes}`);
  demand(
    "shape of the images",
    images.shape.join("x"),
    images.shape.join() === config.images.join(),
    `the network's, ${config.images.join("x")}`,
  );
  demand(
    "number of labels",
    labels.length,
    labelCounts.includes(labels.length),
    `the number of samples, ${labelCounts[0]}, or of their views, ${labelCounts[1]}`,
  );
  demand(`label ${outside}`, labels[outside], outside === -1, `in [0, ${classes})`);
}

/** Whether each view has a label of its own. */
export function hasLabelPerView({ images, labels }: TrainingData): boolean {
  return labels.length !== images.count;
}

/** What must be the same in a run that goes on from another one's state, by name. */
export function trainingIdentity(
  network: Network,
  data: TrainingData,
  config: TrainingConfig,
  seed: number,
): Record<string, string> {
  const schedule = config.schedule ?? { kind: "constant" };
  return {
    network: JSON.stringify(network.config),
    samples: `${data.images.count}`,
    labels: hasLabelPerView(data) ? "one a view" : "one a sample",
    "views a sample": `${data.views?.viewsPerSample ?? 1}`,
    "batch size": `${config.batchSize}`,
    optimiser: JSON.stringify([config.optimiser, config.learningRate]),
    schedule: JSON.stringify(schedule),
    loss: JSON.stringify(config.loss ?? { kind: "mse" }),
    mixup: config.mixup ?? "none",
    precision: config.precision ?? "float32",
    seed: `${seed}`,
    ...(dependsOnEpochs(schedule)
      ? { "epochs (the schedule depends on them)": `${config.epochs}` }
      : {}),
  };
}

function demand(name: string, value: number | string, holds: boolean, needed: string): void {
  if (!holds) {
    throw new RangeError(`Cannot train as ${name} must be ${needed}: current value is ${value}`);
  }
}

function demandNatural(name: string, value: number): void {
  demand(name, value, Number.isInteger(value) && value >= 1, "a natural number");
}
