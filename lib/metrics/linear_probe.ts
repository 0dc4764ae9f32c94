/**
 * Linear probing: a linear classifier on a layer's activations (paper, Section 3 "Probing" and
 * Appendix A), as multinomial logistic regression on standardised features, with scikit-learn's
 * objective and defaults: `make_pipeline(StandardScaler(), LogisticRegression())`.
 *
 * Networks differ in the scale of their features by orders of magnitude, and an untrained one's are
 * the smallest: without standardisation the penalty would hold these back most, and a network would
 * gain over INIT by its scale alone.
 *
 * @module
 */
import {
  type KnnTask,
  type Labels,
  type ProbeResult,
  requireLabels,
  scorePredictions,
} from "./knn.ts";
import { type Evaluation, minimize } from "./lbfgs.ts";
import { matMul as defaultMatMul } from "./mat_mul.ts";
import type { MatMul, Matrix } from "./matrix.ts";
import { measureColumns, type Standardization, standardize } from "./standardize.ts";

/** What a linear probe learns from and is tested on; the bank is its training set. */
export type LinearTask = KnnTask;

/** Settings of {@link fitLinear}. */
export interface LinearOptions {
  /** The inverse strength of the L2 penalty on the weights, as scikit-learn's `C`. @default {1} */
  inversePenalty?: number;
  /**
   * The largest component that the gradient of the mean objective may have at the solution, as
   * scikit-learn's `tol`, which defaults to a looser 1e-4. @default {1e-5}
   */
  gradientTolerance?: number;
  /** @default {1000} */
  maxIterations?: number;
  /** Computes A B^T. @default {matMul of mat_mul.ts} */
  matMul?: MatMul;
}

/** A fitted classifier of D features into C classes. */
export interface LinearModel {
  /** What the features were standardised by. */
  readonly standardization: Standardization;
  /** Of the standardised features, shape [C, D], row-major. */
  readonly weights: Float64Array;
  /** Shape [C]. */
  readonly biases: Float64Array;
  readonly iterations: number;
  /** Whether the gradient met the tolerance; report it with the accuracy. */
  readonly converged: boolean;
}

/**
 * Fits a linear classifier to the bank and scores it on the queries.
 *
 * @returns The outcome, with the model.
 * @throws {RangeError} If labels and rows differ in number or labels are not integers from 0.
 */
export async function linearProbe(
  { bank, bankLabels, queries, queryLabels }: LinearTask,
  options: LinearOptions = {},
): Promise<ProbeResult & { readonly model: LinearModel }> {
  requireLabels("queries", queries, queryLabels);
  const model = await fitLinear(bank, bankLabels, options);
  const predictions = await predictLinear(model, queries, options.matMul);
  return { model, ...scorePredictions(predictions, queryLabels) };
}

/**
 * Minimises the mean cross-entropy of the softmax of W x + b plus |W|^2 / (2 C N), with x the
 * standardised features and C the inverse penalty; the biases are not penalised.
 *
 * @param features Shape [N, D].
 * @param labels Shape [N], integers from 0; the largest sets the number of classes.
 */
export async function fitLinear(
  features: Matrix,
  labels: Labels,
  options: LinearOptions = {},
): Promise<LinearModel> {
  requireLabels("bank", features, labels);
  const { inversePenalty = 1, matMul = defaultMatMul } = options;
  const classes = countClasses(labels);
  const standardization = measureColumns(features);
  const standard = standardize(features, standardization);
  const transposed = transpose(standard.values, features.rows, features.columns);
  const penalty = 1 / (inversePenalty * features.rows);
  const size = classes * features.columns;
  const minimum = await minimize(
    async (parameters) => {
      const logits = await computeLogits(standard, parameters, classes, matMul);
      const { value, gradient: residuals } = crossEntropy(logits, labels, classes);
      const shape = { m: classes, k: features.rows, n: features.columns };
      const products = await matMul(Float32Array.from(residuals), transposed, shape);
      return addPenalty(value, products, residuals, parameters.subarray(0, size), penalty, classes);
    },
    new Float64Array(size + classes),
    options,
  );
  return {
    standardization,
    weights: minimum.point.slice(0, size),
    biases: minimum.point.slice(size),
    iterations: minimum.iterations,
    converged: minimum.converged,
  };
}

/**
 * The class with the largest logit for each row; the smallest of equal ones.
 *
 * @param features Shape [M, D].
 * @returns Shape [M].
 */
export async function predictLinear(
  { standardization, weights, biases }: LinearModel,
  features: Matrix,
  matMul: MatMul = defaultMatMul,
): Promise<Int32Array> {
  const classes = biases.length;
  const parameters = new Float64Array(weights.length + classes);
  parameters.set(weights);
  parameters.set(biases, weights.length);
  const standard = standardize(features, standardization);
  const logits = await computeLogits(standard, parameters, classes, matMul);
  return Int32Array.from({ length: features.rows }, (_, row) => {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    return values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  });
}

/** W x + b for each row, shape [N, C]. */
async function computeLogits(
  { values, rows, columns }: Matrix,
  parameters: Float64Array,
  classes: number,
  matMul: MatMul,
): Promise<Float64Array> {
  const weights = Float32Array.from(parameters.subarray(0, classes * columns));
  const biases = parameters.subarray(classes * columns);
  const products = await matMul(values, weights, { m: rows, k: columns, n: classes });
  return Float64Array.from(products, (product, i) => product + biases[i % classes]);
}

/**
 * The mean cross-entropy of N rows of logits.
 *
 * @param logits Shape [N, C].
 * @returns The value, and its gradient by the logits, transposed: shape [C, N].
 */
function crossEntropy(logits: Float64Array, labels: Labels, classes: number): Evaluation {
  const rows = labels.length;
  const gradient = new Float64Array(logits.length);
  let value = 0;
  for (let row = 0; row < rows; row++) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const largest = scores.reduce((a, b) => Math.max(a, b));
    const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    value += (largest + Math.log(total) - scores[labels[row]]) / rows;
    for (let c = 0; c < classes; c++) {
      const target = c === labels[row] ? 1 : 0;
      gradient[c * rows + row] = (Math.exp(scores[c] - largest) / total - target) / rows;
    }
  }
  return { value, gradient };
}

/** The objective and its gradient [C * D + C] from the cross-entropy's. */
function addPenalty(
  value: number,
  weightGradient: Float32Array,
  residuals: Float64Array,
  weights: Float64Array,
  penalty: number,
  classes: number,
): Evaluation {
  const gradient = new Float64Array(weights.length + classes);
  let squares = 0;
  for (let i = 0; i < weights.length; i++) {
    squares += weights[i] * weights[i];
    gradient[i] = weightGradient[i] + penalty * weights[i];
  }
  const rows = residuals.length / classes;
  for (let i = 0; i < residuals.length; i++) {
    gradient[weights.length + Math.floor(i / rows)] += residuals[i];
  }
  return { value: value + penalty * squares / 2, gradient };
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) result[c * rows + row] = values[row * columns + c];
  }
  return result;
}

function countClasses(labels: Labels): number {
  let largest = 0;
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i] < 0) {
      throw new RangeError(
        `Cannot fit a linear probe as labels must be integers from 0: current value is ` +
          `${labels[i]} at row ${i}`,
      );
    }
    largest = Math.max(largest, labels[i]);
  }
  return largest + 1;
}
