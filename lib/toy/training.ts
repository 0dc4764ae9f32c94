/**
 * Training of the toy example's model: mini-batch Adam on the mean squared error.
 *
 * @module
 */
import type { RandomStream } from "../random/random.ts";
import type { Matrix } from "../metrics/matrix.ts";
import { addGradient, type ToyModel } from "./model.ts";

/** The training points; each row has the (random) label of its sample. */
export interface ToyTrainingSet {
  /** Shape [N, d]. */
  readonly rows: Matrix;
  /** Shape [N]. */
  readonly labels: Int32Array;
}

/** How the model is trained. */
export interface ToySchedule {
  /** The number of updates. */
  readonly steps: number;
  /** Rows an update, drawn with replacement. */
  readonly batch: number;
  /** The rate of the first update; it falls linearly to zero. */
  readonly learningRate: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Trains encoder and prototypes in place, by Adam (Kingma and Ba 2015, algorithm 1) with a falling
 * rate.
 */
export function trainToy(
  model: ToyModel,
  { rows, labels }: ToyTrainingSet,
  { steps, batch, learningRate }: ToySchedule,
  stream: RandomStream,
): void {
  const { parameters } = model;
  const first = new Float64Array(parameters.length);
  const second = new Float64Array(parameters.length);
  const gradient = new Float64Array(parameters.length);
  for (let step = 1; step <= steps; step++) {
    gradient.fill(0);
    for (let i = 0; i < batch; i++) {
      const row = stream.integer(rows.rows);
      addGradient(model, rows, row, labels[row], gradient);
    }
    const rate = learningRate * (1 - (step - 1) / steps) / (1 - BETA1 ** step);
    const secondScale = 1 / (1 - BETA2 ** step);
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i] / batch;
      first[i] += (1 - BETA1) * (g - first[i]);
      second[i] += (1 - BETA2) * (g * g - second[i]);
      parameters[i] -= rate * first[i] / (Math.sqrt(second[i] * secondScale) + EPSILON);
    }
  }
}
