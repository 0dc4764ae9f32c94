/**
 * The optimisers: Adam, SGD with momentum, LARS.
 *
 * @module
 */
import type { AdamMoments, Runtime, Tensor, Variable } from "../../tensorflow/runtime.ts";

/**
 * Which optimiser:
 *
 * - `adam`: Kingma and Ba 2015 with the usual beta1 0.9, beta2 0.999, epsilon 1e-8; no weight decay.
 * - `sgd`: stochastic gradient descent with heavy-ball momentum of 0.9.
 * - `lars`: You et al. 2017, momentum of 0.9 on gradients that are scaled, parameter by parameter, to
 *   0.001 times the parameter's norm. Vectors (biases, batch norm) are not scaled. No weight decay.
 *   The learning rate is usually 0.3 x batch size / 256.
 */
export type OptimiserKind = "adam" | "sgd" | "lars";

/** An optimiser with its state. */
export interface Optimiser {
  /** Moments or velocities. */
  readonly state: readonly Variable[];
  /**
   * What changes from step to step, to be passed to the recorded step as scalar tensors.
   *
   * @param step The number of this step, from 1.
   */
  scalars(step: number, learningRate: number): number[];
  /**
   * Updates the parameters; inside a step.
   *
   * @param gradients One for each parameter, in order.
   * @param scalars Those of {@link Optimiser.scalars}, as tensors.
   */
  apply(gradients: readonly Tensor[], scalars: readonly Tensor[]): void;
  /** Frees the state. */
  dispose(): void;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
const MOMENTUM = 0.9;
const TRUST = 0.001;

/** Makes an optimiser of the given parameters, its state at zero. */
export function createOptimiser(
  runtime: Runtime,
  parameters: readonly Variable[],
  kind: OptimiserKind,
): Optimiser {
  switch (kind) {
    case "adam":
      return adam(runtime, parameters);
    case "sgd":
      return momentum(runtime, parameters, (_, gradient) => gradient);
    case "lars":
      return momentum(
        runtime,
        parameters,
        (parameter, gradient) => trustedGradient(runtime, parameter, gradient),
      );
  }
}

function adam(runtime: Runtime, parameters: readonly Variable[]): Optimiser {
  const moments = parameters.map((parameter): AdamMoments => ({
    first: zerosLike(runtime, parameter, "adam.first"),
    second: zerosLike(runtime, parameter, "adam.second"),
  }));
  const state = moments.flatMap(({ first, second }) => [first, second]);
  return {
    state,
    scalars: (step, learningRate) => [learningRate, BETA1 ** step, BETA2 ** step],
    apply(gradients, [learningRate, beta1Power, beta2Power]) {
      const rate = {
        learningRate,
        beta1: BETA1,
        beta2: BETA2,
        epsilon: EPSILON,
        beta1Power,
        beta2Power,
      };
      parameters.forEach((parameter, i) =>
        runtime.ops.applyAdam(parameter, moments[i], gradients[i], rate)
      );
    },
    dispose: () => state.forEach((variable) => variable.dispose()),
  };
}

function momentum(
  runtime: Runtime,
  parameters: readonly Variable[],
  direction: (parameter: Variable, gradient: Tensor) => Tensor,
): Optimiser {
  const velocities = parameters.map((parameter) => zerosLike(runtime, parameter, "velocity"));
  return {
    state: velocities,
    scalars: (_, learningRate) => [learningRate],
    apply(gradients, [learningRate]) {
      const rate = { learningRate, momentum: MOMENTUM };
      parameters.forEach((parameter, i) => {
        const update = direction(parameter, gradients[i]);
        runtime.ops.applyMomentum(parameter, velocities[i], update, rate);
      });
    },
    dispose: () => velocities.forEach((variable) => variable.dispose()),
  };
}

/** LARS's scaling: g -> 0.001 |w| / |g| g, where both norms are positive. */
function trustedGradient({ tf }: Runtime, parameter: Variable, gradient: Tensor): Tensor {
  if (parameter.shape.length < 2) return gradient;
  const weightNorm = tf.norm(parameter.read());
  const gradientNorm = tf.norm(gradient);
  const usable = tf.logicalAnd(tf.greater(weightNorm, 0), tf.greater(gradientNorm, 0));
  const ratio = tf.div(tf.mul(weightNorm, TRUST), gradientNorm);
  return tf.mul(gradient, tf.where(usable, ratio, tf.onesLike(ratio)));
}

function zerosLike(runtime: Runtime, parameter: Variable, prefix: string): Variable {
  const size = parameter.shape.reduce((product, side) => product * side, 1);
  return runtime.variable(`${prefix}.${parameter.name}`, parameter.shape, new Float32Array(size));
}
