/**
 * What the networks need from a numerical backend: the training code is written once against
 * {@link Runtime} and runs on the native library, on WebGPU and on WASM.
 *
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs-core";

/** A tensor of TensorFlow.js. */
export type Tensor = tfjs.Tensor;

/** The module `@tensorflow/tfjs-core` with its gradients registered and the backend set. */
export type Tfjs = typeof tfjs;

/** The backends that can train, best first. */
export type BackendName = "tensorflow" | "webgpu" | "wasm";

/**
 * A value that lives across steps: a parameter, a running statistic, an optimiser's moment.
 * On the native backend it is a resource variable, updated in place by fused ops.
 */
export interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  /** The current value as a tensor to compute with; inside a step, what the last update left. */
  read(): Tensor;
  /** Replaces the value by a tensor of the same shape; allowed inside a step. */
  assign(value: Tensor): void;
  /** Copies the value to the host, in row-major order; not allowed inside a step. */
  data(): Promise<Float32Array>;
  /** Replaces the value by host data, in row-major order; not allowed inside a step. */
  set(values: Float32Array): void;
  /** Frees the value. */
  dispose(): void;
}

/** Padding and stride of {@link Ops.conv2d}. */
export interface ConvOptions {
  /** The same stride for rows and columns. @default {1} */
  stride?: number;
  /** Rows and columns of zeros on every side, as PyTorch's `padding`. @default {0} */
  padding?: number;
}

/** Settings of {@link Ops.batchNorm}. */
export interface BatchNormOptions {
  /** Added to the variance. @default {1e-5} */
  epsilon?: number;
  /** Weight of the batch in the running statistics, as PyTorch's `momentum`. @default {0.1} */
  momentum?: number;
}

/**
 * The operations of which a backend may have a fused form. Letters: N images, H rows, W columns,
 * C channels, K kernel size, O output channels. All are differentiable where the mathematics is,
 * except the updates.
 */
export interface Ops {
  /** Cross-correlation of `x` [N,H,W,C] with `filter` [K,K,C,O], zero-padded on every side. */
  conv2d(x: Tensor, filter: Tensor, options?: ConvOptions): Tensor;
  /** max(x, 0), element by element. */
  relu(x: Tensor): Tensor;
  /** The maximum of each 2x2 window of `x` [N,H,W,C]; H and W are even. */
  maxPool2x2(x: Tensor): Tensor;
  /**
   * Batch normalisation of `x` [N,H,W,C] with the batch's statistics over N, H, W. Updates
   * the running `mean` and (unbiased) `variance` [C] as PyTorch does.
   */
  batchNormTraining(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Variable,
    variance: Variable,
    options?: BatchNormOptions,
  ): Tensor;
  /** Batch normalisation of `x` [N,H,W,C] with the running statistics [C]. */
  batchNormInference(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    options?: BatchNormOptions,
  ): Tensor;
  /** Scales uint8 images held as a tensor of any type to float32 in [0, 1]. */
  scaleImages(images: Tensor): Tensor;
  /** One Adam update (Kingma and Ba 2015, algorithm 1) of `parameter` and its moments, in place. */
  applyAdam(parameter: Variable, moments: AdamMoments, gradient: Tensor, rate: AdamRate): void;
  /** One SGD update with (heavy-ball, PyTorch's) momentum, in place: v = momentum v + g, w -= lr v. */
  applyMomentum(
    parameter: Variable,
    velocity: Variable,
    gradient: Tensor,
    rate: { learningRate: Tensor; momentum: number },
  ): void;
}

/** First and second moments of Adam, shaped as their parameter. */
export interface AdamMoments {
  readonly first: Variable;
  readonly second: Variable;
}

/** What Adam's update needs beside the moments; tensors are scalars. */
export interface AdamRate {
  readonly learningRate: Tensor;
  readonly beta1: number;
  readonly beta2: number;
  /** Added to the square root of the bias-corrected second moment, as PyTorch and the paper do. */
  readonly epsilon: number;
  /** beta1^t at this step t. */
  readonly beta1Power: Tensor;
  /** beta2^t at this step t. */
  readonly beta2Power: Tensor;
}

/**
 * A function of tensors that may read and update variables. Recorded once for each tuple of
 * argument shapes where the backend can, else run as it stands.
 */
export interface Step {
  /** Runs the step; the caller disposes the results. */
  run(...args: Tensor[]): Tensor[];
  /** As {@link Step.run}, but lets the event loop go on meanwhile where the backend can. */
  runAsync(...args: Tensor[]): Promise<Tensor[]>;
  /** Frees what the recording holds. */
  dispose(): void;
}

/** Settings of {@link Runtime.step}. */
export interface StepOptions {
  /** Compile the recording with XLA. @default {false} */
  xla?: boolean;
  /**
   * With bfloat16, convolutions, matrix products and what lies between them may use half the bits,
   * and results may be rounded so; variables and their updates stay float32. Needs a processor that
   * has such instructions. @default {"float32"}
   */
  precision?: "float32" | "bfloat16";
}

/** What a runtime is made of, for provenance. */
export interface RuntimeInfo {
  readonly backend: BackendName;
  /** The device in the words of its maker or of the backend, e.g. "CPU: AMD EPYC" . */
  readonly device: string;
  readonly threads: number;
  /** Library versions by name, e.g. `{ tensorflow: "2.21.0", tfjs: "4.22.0" }`. */
  readonly versions: Readonly<Record<string, string>>;
}

/** An open backend. */
export interface Runtime extends Disposable {
  readonly info: RuntimeInfo;
  readonly tf: Tfjs;
  readonly ops: Ops;
  /** Makes a variable from host data in row-major order. @throws {RangeError} if the length does not fit the shape. */
  variable(name: string, shape: readonly number[], values: Float32Array): Variable;
  /** A tensor of uint8 images (or any bytes), uploaded without conversion where the backend can; feed it to {@link Ops.scaleImages}. */
  bytes(shape: readonly number[], values: Uint8Array): Tensor;
  /**
   * Makes `body` a step. JavaScript numbers inside are frozen: pass what changes as tensors.
   *
   * @throws {Error} if the device cannot compute as `options` ask.
   */
  step(name: string, body: (...args: Tensor[]) => Tensor[], options?: StepOptions): Step;
  /** Frees the backend's resources. */
  close(): void;
}
