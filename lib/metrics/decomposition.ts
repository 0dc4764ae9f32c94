/**
 * The loss under augmentation as invariance plus bias (paper, Theorem B.2).
 *
 * @module
 */

/** Outputs of a network for B views of each of n samples, and the samples' targets. */
export interface AugmentedOutputs {
  /** f(T_a(x_i)), shape [n, B, C], row-major. */
  readonly outputs: Float32Array;
  /** y_i, one-hot or mixed, shape [n, C], row-major. */
  readonly targets: Float32Array;
  /** C, the number of outputs. */
  readonly classes: number;
}

/**
 * The terms of Theorem B.2, in the paper's units: squared norms over the classes, averaged over
 * samples and views. A training loss that also averages over the classes is C times smaller.
 */
export interface LossDecomposition {
  /** The mean over samples and views of |f(T_a(x_i)) - y_i|^2. */
  readonly loss: number;
  /** Inv: half the mean over samples and pairs of views of |f(T_a(x_i)) - f(T_b(x_i))|^2. */
  readonly invariance: number;
  /** Bias: the mean over samples of |y_i - mean over a of f(T_a(x_i))|^2. */
  readonly bias: number;
}

/**
 * Computes loss, invariance and bias, each from the outputs; loss = invariance + bias holds up to
 * the rounding of double precision. Half the mean squared distance of all pairs is the mean squared
 * distance from the mean (Lemma B.1), which takes B instead of B^2 steps.
 *
 * @throws {RangeError} If the outputs are not whole views of whole samples.
 */
export function decomposeLoss(augmented: AugmentedOutputs): LossDecomposition {
  const { outputs, targets, classes } = augmented;
  const views = requireViews(augmented);
  let loss = 0, invariance = 0, bias = 0;
  for (let entry = 0; entry < targets.length; entry++) {
    const sample = Math.floor(entry / classes);
    const first = sample * views * classes + entry % classes;
    let mean = 0;
    for (let view = 0; view < views; view++) mean += outputs[first + view * classes] / views;
    for (let view = 0; view < views; view++) {
      const output = outputs[first + view * classes];
      loss += (output - targets[entry]) ** 2 / views;
      invariance += (output - mean) ** 2 / views;
    }
    bias += (targets[entry] - mean) ** 2;
  }
  const samples = targets.length / classes;
  return { loss: loss / samples, invariance: invariance / samples, bias: bias / samples };
}

/** B, the number of views of a sample. */
function requireViews({ outputs, targets, classes }: AugmentedOutputs): number {
  const views = outputs.length / targets.length;
  if (targets.length === 0 || targets.length % classes !== 0 || !Number.isInteger(views)) {
    throw new RangeError(
      `Cannot decompose a loss as outputs must be [samples, views, classes] and targets ` +
        `[samples, classes]: current value is ${outputs.length} outputs and ${targets.length} ` +
        `targets for ${classes} classes`,
    );
  }
  return views;
}
