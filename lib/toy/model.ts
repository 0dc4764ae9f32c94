/**
 * The model of the toy example (paper, Appendix E): a linear encoder h(x) = W x and a projector that
 * weighs the fixed labels of K learned prototypes by inverse distance,
 * g(h) = sum over k of (1 / |h - v_k|) / (sum over j of 1 / |h - v_j|) l_k.
 * As the weights sharpen, it memorises at most K points.
 *
 * @module
 */
import type { RandomStream } from "../random/random.ts";
import { type Matrix, matrix } from "../metrics/matrix.ts";

/** Added to squared distances, so that a sample may sit on a prototype. */
const DISTANCE_FLOOR = 1e-8;

/** Encoder and projector. Letters: d dimensions, K prototypes, C classes. */
export interface ToyModel {
  readonly dimensions: number;
  readonly classes: number;
  /** W [d, d], then V [K, d], in one array, for the optimiser. */
  readonly parameters: Float64Array;
  /** The class of each prototype's label l, fixed at random, shape [K]. */
  readonly prototypeLabels: Int32Array;
}

/**
 * Draws a model: W with variance 1 / d, which keeps lengths; prototypes from the encodings of
 * random rows, which spreads them as the data are spread.
 *
 * @param rows Training rows, shape [n, d].
 */
export function drawModel(
  rows: Matrix,
  shape: { classes: number; prototypes: number },
  stream: RandomStream,
): ToyModel {
  const { classes, prototypes } = shape;
  const dimensions = rows.columns;
  const parameters = new Float64Array((dimensions + prototypes) * dimensions);
  for (let i = 0; i < dimensions ** 2; i++) {
    parameters[i] = stream.normal() / Math.sqrt(dimensions);
  }
  const prototypeLabels = Int32Array.from({ length: prototypes }, () => stream.integer(classes));
  const model = { dimensions, classes, parameters, prototypeLabels };
  for (let k = 0; k < prototypes; k++) {
    const row = stream.integer(rows.rows);
    const encoding = encodeRow(model, rows, row);
    parameters.set(encoding, (dimensions + k) * dimensions);
  }
  return model;
}

/** h(x) = W x for each row, shape [n, d]. */
export function encode(model: ToyModel, rows: Matrix): Matrix {
  const values = new Float32Array(rows.values.length);
  for (let row = 0; row < rows.rows; row++) {
    values.set(encodeRow(model, rows, row), row * rows.columns);
  }
  return matrix(values, rows.columns);
}

/** g(h(x)) of one row, shape [C]: non-negative and summing to 1. */
export function project(model: ToyModel, rows: Matrix, row: number): Float64Array {
  return weigh(model, encodeRow(model, rows, row)).outputs;
}

/**
 * The squared error |g(h(x)) - e_label|^2 of one row; adds its gradient to `gradient`, shaped as the
 * parameters.
 */
export function addGradient(
  model: ToyModel,
  rows: Matrix,
  row: number,
  label: number,
  gradient: Float64Array,
): number {
  const { dimensions: d, parameters, prototypeLabels, classes } = model;
  const encoding = encodeRow(model, rows, row);
  const { inverses, total, outputs } = weigh(model, encoding);
  const errors = outputs.map((output, c) => output - (c === label ? 1 : 0));
  const loss = errors.reduce((sum, error) => sum + error * error, 0);
  let meanSlope = 0;
  for (let c = 0; c < classes; c++) meanSlope += outputs[c] * 2 * errors[c];
  const encodingGradient = new Float64Array(d);
  for (let k = 0; k < prototypeLabels.length; k++) {
    // d loss / d (1 / distance), then d (1 / distance) / d h = -(h - v) / distance^3.
    const slope = (2 * errors[prototypeLabels[k]] - meanSlope) / total;
    const factor = -slope * inverses[k] ** 3;
    const first = (d + k) * d;
    for (let c = 0; c < d; c++) {
      const pull = factor * (encoding[c] - parameters[first + c]);
      encodingGradient[c] += pull;
      gradient[first + c] -= pull;
    }
  }
  for (let i = 0; i < d; i++) {
    for (let c = 0; c < d; c++) {
      gradient[i * d + c] += encodingGradient[i] * rows.values[row * d + c];
    }
  }
  return loss;
}

/** The inverse distances to the prototypes [K], their sum, and the labels weighed by them [C]. */
function weigh(model: ToyModel, encoding: Float64Array) {
  const { dimensions: d, parameters, prototypeLabels, classes } = model;
  const inverses = new Float64Array(prototypeLabels.length);
  const outputs = new Float64Array(classes);
  let total = 0;
  for (let k = 0; k < inverses.length; k++) {
    let squared = DISTANCE_FLOOR;
    for (let c = 0, i = (d + k) * d; c < d; c++, i++) squared += (encoding[c] - parameters[i]) ** 2;
    inverses[k] = 1 / Math.sqrt(squared);
    total += inverses[k];
    outputs[prototypeLabels[k]] += inverses[k];
  }
  for (let c = 0; c < classes; c++) outputs[c] /= total;
  return { inverses, total, outputs };
}

function encodeRow({ dimensions: d, parameters }: ToyModel, rows: Matrix, row: number) {
  const encoding = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let c = 0; c < d; c++) sum += parameters[i * d + c] * rows.values[row * d + c];
    encoding[i] = sum;
  }
  return encoding;
}
