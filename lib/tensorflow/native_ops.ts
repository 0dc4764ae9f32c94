/**
 * The operations of the native backend: TensorFlow's fused kernels with the semantics of PyTorch.
 *
 * @module
 */
import { type Attribute, attribute } from "./attribute.ts";
import { DataType } from "./data_types.ts";
import type { NativeBackend } from "./native_backend.ts";
import type { ResourceVariable } from "./resource_variable.ts";
import type {
  AdamMoments,
  AdamRate,
  BatchNormOptions,
  ConvOptions,
  Ops,
  Tensor,
  Variable,
} from "./runtime.ts";

const T = attribute.type("T", DataType.float32);
const NHWC = attribute.string("data_format", "NHWC");
const UNLOCKED = attribute.bool("use_locking", false);

/** {@link Ops} by TensorFlow's own operations, each with its gradient operation. */
export class NativeOps implements Ops {
  constructor(private readonly backend: NativeBackend) {}

  conv2d(x: Tensor, filter: Tensor, { stride = 1, padding = 0 }: ConvOptions = {}): Tensor {
    const attributes = convAttributes(stride, padding);
    const run = (name: string, inputs: Tensor[]) => this.backend.run(name, attributes, inputs);
    return this.#differentiable([x, filter], (save) => {
      save([x, filter]);
      return run("Conv2D", [x, filter]);
    }, (dy, [x, filter]) => [
      run("Conv2DBackpropInput", [this.#shapeTensor(x.shape), filter, dy]),
      run("Conv2DBackpropFilter", [x, this.#shapeTensor(filter.shape), dy]),
    ]);
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
      const [y, newMean, newVariance, ...reserved] = this.backend.runAll(
        "FusedBatchNormV3",
        [...attributes, factor],
        inputs,
        6,
      );
      mean.assign(newMean);
      variance.assign(newVariance);
      save([x, gamma, ...reserved]);
      return y;
    }, (dy, saved) => this.backend.runAll("FusedBatchNormGradV3", attributes, [dy, ...saved], 3));
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
      const [y] = this.backend.runAll("FusedBatchNormV3", attributes, inputs, 1);
      save([x, gamma, mean, variance, mean]);
      return y;
    }, (dy, saved) => this.backend.runAll("FusedBatchNormGradV3", attributes, [dy, ...saved], 3));
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

  #shapeTensor(shape: readonly number[]): Tensor {
    return this.backend.tf.tensor1d([...shape], "int32");
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

/** PyTorch's symmetric padding; TensorFlow's own names where they mean the same. */
function convAttributes(stride: number, padding: number): readonly Attribute[] {
  const common = [T, attribute.ints("strides", [1, stride, stride, 1]), NHWC];
  if (padding === 0) return [...common, attribute.string("padding", "VALID")];
  return [
    ...common,
    attribute.string("padding", "EXPLICIT"),
    attribute.ints("explicit_paddings", [0, 0, padding, padding, padding, padding, 0, 0]),
  ];
}

function batchNormAttributes(epsilon: number, isTraining: boolean): readonly Attribute[] {
  return [
    T,
    attribute.type("U", DataType.float32),
    attribute.float("epsilon", epsilon),
    NHWC,
    attribute.bool("is_training", isTraining),
  ];
}
