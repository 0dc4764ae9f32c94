/**
 * The layers of the networks: each names its parameters as PyTorch does and is a function of
 * its input and of their values. Letters: N images, H rows, W columns, C channels, K kernel size,
 * I inputs, O outputs.
 *
 * Shapes follow TensorFlow: images [N,H,W,C], filters [K,K,I,O], matrices [I,O].
 *
 * @module
 */
import type { Ops, Tensor, Tfjs } from "../../tensorflow/runtime.ts";

/** How a parameter starts. */
export type Initial =
  | { readonly kind: "constant"; readonly value: number }
  /** Normal with mean 0. */
  | { readonly kind: "normal"; readonly deviation: number }
  /** Uniform on [-bound, bound). */
  | { readonly kind: "uniform"; readonly bound: number };

/** A parameter or running statistic, before it has a value. */
export interface ParameterSpec {
  /** PyTorch's name, e.g. "encoder.layer1.0.conv1.weight". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
}

/** One pass through a network: where layers get their values, and in which mode they are. */
export interface Pass {
  readonly tf: Tfjs;
  readonly ops: Ops;
  /** The value of a parameter. */
  value(name: string): Tensor;
  /** Batch normalisation of `x` [N,H,W,C] with the parameters and statistics below `name`. */
  batchNorm(name: string, x: Tensor): Tensor;
}

/** A function with parameters. */
export interface Layer {
  readonly parameters: readonly ParameterSpec[];
  /** Running statistics, which are no parameters. */
  readonly statistics: readonly ParameterSpec[];
  apply(pass: Pass, x: Tensor): Tensor;
}

/** Shape and initialisation of {@link convolution}. */
export interface ConvolutionOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** K. @default {3} */
  readonly kernel?: number;
  /** @default {1} */
  readonly stride?: number;
  /** @default {false} */
  readonly bias?: boolean;
}

/** Convolution, zero-padded by (K - 1) / 2; He's normal initialisation by the fan-out, bias 0. */
export function convolution(name: string, options: ConvolutionOptions): Layer {
  const { inputs, outputs, kernel = 3, stride = 1, bias = false } = options;
  const weight = `${name}.weight`;
  const parameters: ParameterSpec[] = [{
    name: weight,
    shape: [kernel, kernel, inputs, outputs],
    initial: { kind: "normal", deviation: Math.sqrt(2 / (kernel * kernel * outputs)) },
  }];
  if (bias) parameters.push(constant(`${name}.bias`, outputs, 0));
  return {
    parameters,
    statistics: [],
    apply(pass, x) {
      const y = pass.ops.conv2d(x, pass.value(weight), { stride, padding: (kernel - 1) / 2 });
      return bias ? pass.tf.add(y, pass.value(`${name}.bias`)) : y;
    },
  };
}

/** Batch normalisation of C channels: scale 1, shift 0, running mean 0 and variance 1. */
export function batchNorm(name: string, channels: number): Layer {
  return {
    parameters: [constant(`${name}.weight`, channels, 1), constant(`${name}.bias`, channels, 0)],
    statistics: [
      constant(`${name}.running_mean`, channels, 0),
      constant(`${name}.running_var`, channels, 1),
    ],
    apply: (pass, x) => pass.batchNorm(name, x),
  };
}

/** Linear map [N,I] -> [N,O] with `nn.Linear`'s initialisation: uniform within 1 / sqrt(I). */
export function linear(
  name: string,
  inputs: number,
  outputs: number,
  options: { bias: boolean },
): Layer {
  const weight = `${name}.weight`;
  const initial: Initial = { kind: "uniform", bound: 1 / Math.sqrt(inputs) };
  const parameters: ParameterSpec[] = [{ name: weight, shape: [inputs, outputs], initial }];
  if (options.bias) parameters.push({ name: `${name}.bias`, shape: [outputs], initial });
  return {
    parameters,
    statistics: [],
    apply(pass, x) {
      const y = pass.tf.matMul(x, pass.value(weight));
      return options.bias ? pass.tf.add(y, pass.value(`${name}.bias`)) : y;
    },
  };
}

/** max(x, 0). */
export const relu: Layer = stateless((pass, x) => pass.ops.relu(x));

/** The maximum of each 2x2 window: [N,H,W,C] -> [N,H/2,W/2,C]. */
export const maxPool: Layer = stateless((pass, x) => pass.ops.maxPool2x2(x));

/** The mean over rows and columns: [N,H,W,C] -> [N,C]. */
export const globalAveragePool: Layer = stateless((pass, x) => pass.tf.mean(x, [1, 2]));

/** All but the first axis in one: [N,...] -> [N,I]. */
export const flatten: Layer = stateless((pass, x) =>
  pass.tf.reshape(x, [x.shape[0], x.size / x.shape[0]])
);

/** One layer after the other. */
export function sequence(...layers: Layer[]): Layer {
  return {
    parameters: layers.flatMap((layer) => layer.parameters),
    statistics: layers.flatMap((layer) => layer.statistics),
    apply: (pass, x) => layers.reduce((y, layer) => layer.apply(pass, y), x),
  };
}

/**
 * ResNet's basic block (He et al. 2016): two 3x3 convolutions with batch norm beside a shortcut,
 * which is a 1x1 convolution where the shape changes.
 */
export function basicBlock(name: string, inputs: number, outputs: number, stride: number): Layer {
  const body = sequence(
    convolution(`${name}.conv1`, { inputs, outputs, stride }),
    batchNorm(`${name}.bn1`, outputs),
    relu,
    convolution(`${name}.conv2`, { inputs: outputs, outputs }),
    batchNorm(`${name}.bn2`, outputs),
  );
  const same = stride === 1 && inputs === outputs;
  const shortcut = same ? sequence() : sequence(
    convolution(`${name}.downsample.0`, { inputs, outputs, stride, kernel: 1 }),
    batchNorm(`${name}.downsample.1`, outputs),
  );
  return {
    parameters: [...body.parameters, ...shortcut.parameters],
    statistics: [...body.statistics, ...shortcut.statistics],
    apply: (pass, x) => pass.ops.relu(pass.tf.add(body.apply(pass, x), shortcut.apply(pass, x))),
  };
}

/** A layer without parameters. */
function stateless(apply: Layer["apply"]): Layer {
  return { parameters: [], statistics: [], apply };
}

/** A vector that starts at one value. */
function constant(name: string, length: number, value: number): ParameterSpec {
  return { name, shape: [length], initial: { kind: "constant", value } };
}
