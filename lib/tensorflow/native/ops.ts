/**
 * The operations of the native backend: TensorFlow's fused kernels with the semantics of PyTorch.
 *
 * @module
 */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { type Attribute, attribute } from "../c_api/attribute.ts";
import { DataType } from "../c_api/data_types.ts";
import type { NativeBackend } from "./backend.ts";
import type { ResourceVariable } from "./resource_variable.ts";
import type {
  AdamMoments,
  AdamRate,
  BatchNormOptions,
  ConvOptions,
  Ops,
  Tensor,
  Variable,
} from "../runtime.ts";
import { usesAvx512 } from "./vectors.ts";
import { suitsWinograd, winogradConv2d } from "./winograd.ts";

const T = attribute.type("T", DataType.float32);
const NHWC = attribute.string("data_format", "NHWC");
const NDHWC = attribute.string("data_format", "NDHWC");
const UNLOCKED = attribute.bool("use_locking", false);

/**
 * Where TensorFlow's own batch norm is faster than oneDNN's, whose kernel writes past the caches:
 * what comes next reads from memory, and with vectors shorter than a cache line each line is written
 * in parts. Batch norm and ReLU in microseconds on one core, TensorFlow's against oneDNN's:
 *
 * | shape            | AVX2         | AVX-512      |
 * | ---------------- | ------------ | ------------ |
 * | [64,16,16,8]     | 261 / 211    | 255 / 214    |
 * | [64,8,8,16]      | 98 / 306     | 94 / 104     |
 * | [128,4,4,64]     | 143 / 977    | 133 / 195    |
 * | [128,8,8,32]     | 325 / 1498   | 316 / 482    |
 * | [128,16,16,16]   | 881 / 2155   | 834 / 748    |
 * | [32,16,16,128]   | 2483 / 6501  | 2603 / 2117  |
 */
const LEAST_CHANNELS = 16;
/** With AVX-512 only tensors that stay in a core's cache (1 MiB) gain. */
const LARGEST_SIZE_WITH_AVX512 = 2 ** 18;

/** {@link Ops} by TensorFlow's own operations, each with its gradient operation. */
export class NativeOps implements Ops {
  readonly #usesAvx512 = usesAvx512();

  constructor(private readonly backend: NativeBackend) {}

  /**
   * TensorFlow's explicit padding has slow gradients on CPUs: its `SAME` is used where it pads
   * alike, else zeros are added beforehand.
   */
  conv2d(x: Tensor, filter: Tensor, { stride = 1, padding = 0 }: ConvOptions = {}): Tensor {
    const kernel = filter.shape[0];
    if (padding === 0) return this.#conv2d(x, filter, stride, "valid");
    if (stride === 1 && kernel === 2 * padding + 1) {
      return this.#usesWinograd(x, filter)
        ? winogradConv2d(this.backend.tf, x, filter)
        : this.#conv2d(x, filter, stride, "same");
    }
    const [, height, width] = x.shape;
    const rows = [padding, paddingAfter(height, kernel, stride, padding)];
    const columns = [padding, paddingAfter(width, kernel, stride, padding)];
    const padded = this.#pad(x, [[0, 0], rows, columns, [0, 0]]);
    return this.#conv2d(padded, filter, stride, "valid");
  }

  relu(x: Tensor): Tensor {
    return this.#differentiable([x], (save) => {
      const y = this.backend.run("Relu", [T], [x]);
      save([y]);
      return y;
    }, (dy, [y]) => [this.backend.run("ReluGrad", [T], [dy, y])]);
  }

  maxPool2x2(x: Tensor): Tensor {
    const window = [1, 2, 2, 1];
    const attributes = [
      T,
      attribute.ints("ksize", window),
      attribute.ints("strides", window),
      attribute.string("padding", "VALID"),
      NHWC,
    ];
    return this.#differentiable([x], (save) => {
      const y = this.backend.run("MaxPool", attributes, [x]);
      save([x, y]);
      return y;
    }, (dy, [x, y]) => [this.backend.run("MaxPoolGrad", attributes, [x, y, dy])]);
  }

  batchNormTraining(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Variable,
    variance: Variable,
    { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
  ): Tensor {
    const attributes = batchNormAttributes(epsilon, true);
    const factor = attribute.float("exponential_avg_factor", momentum);
    return this.#differentiable([x, gamma, beta], (save) => {
      const inputs = [x, gamma, beta, mean.read(), variance.read()];
      // With the factor the operation returns the running statistics already updated.
      const [y, newMean, newVariance, ...reserved] = this.#batchNorm(
        [...attributes, factor],
        inputs,
      );
      mean.assign(newMean);
      variance.assign(newVariance);
      save([x, gamma, ...reserved]);
      return y;
    }, (dy, saved) => this.#batchNormGradients(attributes, [dy, ...saved]));
  }

  batchNormInference(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    { epsilon = 1e-5 }: BatchNormOptions = {},
  ): Tensor {
    const attributes = batchNormAttributes(epsilon, false);
    return this.#differentiable([x, gamma, beta], (save) => {
      const inputs = [x, gamma, beta, mean, variance];
      const [y] = this.#batchNorm(attributes, inputs);
      save([x, gamma, mean, variance, mean]);
      return y;
    }, (dy, saved) => this.#batchNormGradients(attributes, [dy, ...saved]));
  }

  scaleImages(images: Tensor): Tensor {
    const attributes = [
      attribute.type("SrcT", this.backend.data(images).dtype),
      attribute.type("DstT", DataType.float32),
      attribute.bool("Truncate", false),
    ];
    return this.backend.tf.tidy(() => this.backend.run("Cast", attributes, [images]).div(255));
  }

  applyAdam(parameter: Variable, moments: AdamMoments, gradient: Tensor, rate: AdamRate): void {
    const { tf } = this.backend;
    tf.tidy(() => {
      // The operation adds epsilon to sqrt(v), Adam to sqrt(v / (1 - beta2^t)): scaled, they agree.
      const epsilon = tf.sub(1, rate.beta2Power).sqrt().mul(rate.epsilon);
      this.#update(
        "ResourceApplyAdam",
        [T, UNLOCKED, attribute.bool("use_nesterov", false)],
        [parameter, moments.first, moments.second],
        [
          rate.beta1Power,
          rate.beta2Power,
          rate.learningRate,
          tf.scalar(rate.beta1),
          tf.scalar(rate.beta2),
          epsilon,
          gradient,
        ],
      );
    });
  }

  applyMomentum(
    parameter: Variable,
    velocity: Variable,
    gradient: Tensor,
    rate: { learningRate: Tensor; momentum: number },
  ): void {
    const { tf } = this.backend;
    tf.tidy(() =>
      this.#update(
        "ResourceApplyMomentum",
        [T, UNLOCKED, attribute.bool("use_nesterov", false)],
        [parameter, velocity],
        [rate.learningRate, gradient, tf.scalar(rate.momentum)],
      )
    );
  }

  /** Not on a GPU, whose library chooses for itself, nor in half precision, which would lose too much. */
  #usesWinograd(x: Tensor, filter: Tensor): boolean {
    const { context, recorder } = this.backend.binding;
    return !context.usesGpu && recorder?.precision !== "bfloat16" &&
      suitsWinograd(x.shape, filter.shape);
  }

  #conv2d(x: Tensor, filter: Tensor, stride: number, padding: "same" | "valid"): Tensor {
    return this.backend.tf.conv2d(x as Tensor4D, filter as Tensor4D, stride, padding);
  }

  /** Adds zeros: `paddings` holds how many before and after, for every axis. */
  #pad(x: Tensor, paddings: readonly (readonly number[])[]): Tensor {
    const { tf } = this.backend;
    const padType = attribute.type("Tpaddings", DataType.int32);
    const sliceType = attribute.type("Index", DataType.int32);
    const before = paddings.map(([count]) => count);
    return this.#differentiable(
      [x],
      () => {
        const table = tf.tensor2d(paddings.flat(), [paddings.length, 2], "int32");
        return this.backend.run("Pad", [T, padType], [x, table]);
      },
      (dy) => [
        this.backend.run("Slice", [T, sliceType], [dy, this.#ints(before), this.#ints(x.shape)]),
      ],
    );
  }

  /** Runs an operation that updates variables of this backend in place. */
  #update(
    name: string,
    attributes: readonly Attribute[],
    variables: readonly Variable[],
    inputs: readonly Tensor[],
  ): void {
    const resources = variables.map((variable) => (variable as ResourceVariable).resourceId);
    this.backend.binding.executeOp(
      name,
      attributes,
      [...resources, ...this.backend.ids(inputs)],
      0,
    );
  }

  /** TensorFlow's own kernel takes images with a depth, which oneDNN's does not: one of 1 chooses it. */
  #batchNorm(attributes: readonly Attribute[], [x, ...rest]: readonly Tensor[]): Tensor[] {
    const run = (format: Attribute, x: Tensor) =>
      this.backend.runAll("FusedBatchNormV3", [...attributes, format], [x, ...rest], 6);
    if (this.#suitsOneDnn(x)) return run(NHWC, x);
    const { tf } = this.backend;
    const [y, ...others] = run(NDHWC, tf.expandDims(x, 1));
    return [tf.reshape(y!, x.shape), ...others];
  }

  #suitsOneDnn(x: Tensor): boolean {
    const { context, recorder } = this.backend.binding;
    return context.usesGpu || recorder?.precision === "bfloat16" || x.shape[3]! < LEAST_CHANNELS ||
      this.#usesAvx512 && x.size > LARGEST_SIZE_WITH_AVX512;
  }

  /** Gradients of x, gamma and beta; the operation's other results are empty. */
  #batchNormGradients(attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor[] {
    const all = [...attributes, NHWC];
    return this.backend.runAll("FusedBatchNormGradV3", all, inputs, 5).slice(0, 3);
  }

  #ints(values: readonly number[]): Tensor {
    return this.backend.tf.tensor1d([...values], "int32");
  }

  /** `forward` as an operation on the tape whose gradients with respect to `inputs` are `backward`. */
  #differentiable(
    inputs: Tensor[],
    forward: (save: (tensors: Tensor[]) => void) => Tensor,
    backward: (dy: Tensor, saved: Tensor[]) => Tensor[],
  ): Tensor {
    return this.backend.tf.customGrad((...args) => {
      const save = args[args.length - 1] as (tensors: Tensor[]) => void;
      return { value: forward(save), gradFunc: backward };
    })(...inputs);
  }
}

/**
 * Zeros needed after an axis of `size` so that a convolution without padding reaches as far as
 * with `padding` on both sides: with an even size and stride 2 it needs none.
 */
function paddingAfter(size: number, kernel: number, stride: number, padding: number): number {
  const lastStart = Math.floor((size + 2 * padding - kernel) / stride) * stride;
  return Math.max(0, lastStart + kernel - size - padding);
}

function batchNormAttributes(epsilon: number, isTraining: boolean): readonly Attribute[] {
  return [
    T,
    attribute.type("U", DataType.float32),
    attribute.float("epsilon", epsilon),
    attribute.bool("is_training", isTraining),
  ];
}
