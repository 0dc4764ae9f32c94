/**
 * What must hold of a run before it starts or goes on.
 *
 * @module
 */
import type { Network } from "./network.ts";
import { dependsOnEpochs } from "./schedule.ts";
import type { TrainingConfig, TrainingData } from "./training.ts";

/**
 * Asserts that configuration, data and network fit together.
 *
 * @throws {RangeError} naming the setting, its value and what is needed.
 */
export function checkTraining(network: Network, data: TrainingData, config: TrainingConfig): void {
  const { images, labels, classes } = data;
  const views = data.views?.viewsPerSample ?? 1;
  demand("epochs", config.epochs, config.epochs >= 1 && Number.isInteger(config.epochs), ">= 1");
  demand(
    "batchSize",
    config.batchSize,
    Number.isInteger(config.batchSize) && config.batchSize >= 1 && config.batchSize <= images.count,
    `from 1 to the number of samples, ${images.count}`,
  );
  demand(
    "evaluateEvery",
    config.evaluateEvery,
    Number.isInteger(config.evaluateEvery) && config.evaluateEvery >= 1,
    ">= 1",
  );
  demand(
    "classes",
    classes,
    classes >= 2 && classes === network.config.classes,
    "at least 2 and as many as the network has, " + network.config.classes,
  );
  demand(
    "shape of the images",
    images.shape.join("x"),
    images.shape.join() === network.config.images.join(),
    `the network's, ${network.config.images.join("x")}`,
  );
  demand(
    "number of labels",
    labels.length,
    labels.length === images.count || labels.length === images.count * views,
    `the number of samples, ${images.count}, or of their views, ${images.count * views}`,
  );
  const outside = labels.findIndex((label) => !(label >= 0 && label < classes));
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
    optimiser: JSON.stringify(config.optimiser),
    schedule: JSON.stringify(schedule),
    loss: JSON.stringify(config.loss ?? { kind: "mse" }),
    mixup: config.mixup ?? "none",
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
