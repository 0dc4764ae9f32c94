/**
 * A network: an encoder and a projector whose parameters live on a backend.
 * Letters: N images, H rows, W columns, C classes.
 *
 * @module
 */
import type { RandomSource } from "../../random/random.ts";
import type { Runtime, Tensor, Variable } from "../../tensorflow/runtime.ts";
import { restoreState, type StateEntry } from "./checkpoint.ts";
import { buildEncoder, type EncoderConfig, type Part } from "./encoder.ts";
import type { ImageShape } from "./images.ts";
import { initialValues } from "./initialise.ts";
import type { ParameterSpec, Pass } from "./layers.ts";
import { buildProjector } from "./projector.ts";

/** What a network is built from. */
export interface NetworkConfig {
  readonly encoder: EncoderConfig;
  /** Widths of the projector's hidden layers, usually one. */
  readonly hidden: readonly number[];
  /** C. */
  readonly classes: number;
  readonly images: ImageShape;
}

/** A network on a backend. */
export interface Network extends Disposable {
  readonly config: NetworkConfig;
  readonly parameters: readonly Variable[];
  /** Running means and variances. */
  readonly statistics: readonly Variable[];
  /** The names of the parts in order, e.g. "stem", "layer1", ..., "embedding", "P", "O". */
  readonly layers: readonly string[];
  /**
   * Training mode: batch statistics, and the running ones are updated.
   *
   * @param images [N,H,W,3] in [0, 1]
   * @param values The values of {@link Network.parameters}, in their order; gradients are taken by these.
   * @returns The outputs [N,C].
   */
  forwardTraining(images: Tensor, values: readonly Tensor[]): Tensor;
  /**
   * Evaluation mode: the outputs of the named parts, in that order, as the parts shape them.
   *
   * @param images [N,H,W,3] in [0, 1]
   * @throws {RangeError} if a name is unknown.
   */
  forwardLayers(images: Tensor, layers: readonly string[]): Tensor[];
  /** Frees the variables. */
  dispose(): void;
}

/** Makes a network with fresh parameters. */
export function createNetwork(
  runtime: Runtime,
  config: NetworkConfig,
  random: RandomSource,
): Network {
  return buildNetwork(runtime, config, (spec) => initialValues(spec, random));
}

/**
 * Makes a network with the values of a snapshot or checkpoint.
 *
 * @throws {Error} if the entries belong to another configuration; the message says how they differ.
 */
export function networkFromState(
  runtime: Runtime,
  config: NetworkConfig,
  entries: readonly StateEntry[],
): Network {
  const network = buildNetwork(runtime, config, ({ shape }) => new Float32Array(sizeOf(shape)));
  try {
    restoreState([...network.parameters, ...network.statistics], entries);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network;
}

function buildParts(config: NetworkConfig): { encoder: readonly Part[]; projector: Part[] } {
  const encoder = buildEncoder(config.encoder, config.images);
  return {
    encoder: encoder.parts,
    projector: buildProjector(encoder.width, config.hidden, config.classes),
  };
}

function buildNetwork(
  runtime: Runtime,
  config: NetworkConfig,
  values: (spec: ParameterSpec) => Float32Array,
): Network {
  const { encoder, projector } = buildParts(config);
  const parts = [...encoder, ...projector];
  const layers = parts.map((part) => part.name);
  const toVariable = (spec: ParameterSpec) => runtime.variable(spec.name, spec.shape, values(spec));
  const parameters = parts.flatMap((part) => part.layer.parameters).map(toVariable);
  const statistics = parts.flatMap((part) => part.layer.statistics).map(toVariable);
  const variables = new Map([...parameters, ...statistics].map((v) => [v.name, v]));
  const statistic = (name: string) => variables.get(name)!;
  const dispose = () => {
    for (const variable of variables.values()) variable.dispose();
  };
  return {
    config,
    parameters,
    statistics,
    layers,
    forwardTraining(images, values) {
      const byName = new Map(parameters.map((parameter, i) => [parameter.name, values[i]]));
      const pass = trainingPass(runtime, (name) => byName.get(name)!, statistic);
      return parts.reduce((x, part) => part.layer.apply(pass, x), images);
    },
    forwardLayers(images, wanted) {
      checkLayers(wanted, layers);
      const pass = evaluationPass(runtime, (name) => variables.get(name)!.read());
      const last = Math.max(...wanted.map((name) => layers.indexOf(name)));
      const outputs = new Map<string, Tensor>();
      parts.slice(0, last + 1).reduce((x, part) => {
        const y = part.layer.apply(pass, x);
        outputs.set(part.name, y);
        return y;
      }, images);
      return wanted.map((name) => outputs.get(name)!);
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

function trainingPass(
  { tf, ops }: Runtime,
  value: (name: string) => Tensor,
  statistic: (name: string) => Variable,
): Pass {
  return {
    tf,
    ops,
    value,
    batchNorm: (name, x) =>
      ops.batchNormTraining(
        x,
        value(`${name}.weight`),
        value(`${name}.bias`),
        statistic(`${name}.running_mean`),
        statistic(`${name}.running_var`),
      ),
  };
}

function evaluationPass({ tf, ops }: Runtime, value: (name: string) => Tensor): Pass {
  return {
    tf,
    ops,
    value,
    batchNorm: (name, x) =>
      ops.batchNormInference(
        x,
        value(`${name}.weight`),
        value(`${name}.bias`),
        value(`${name}.running_mean`),
        value(`${name}.running_var`),
      ),
  };
}

function checkLayers(wanted: readonly string[], layers: readonly string[]): void {
  const unknown = wanted.filter((name) => !layers.includes(name));
  if (unknown.length > 0 || wanted.length === 0) {
    throw new RangeError(
      `Cannot compute activations as the layers must be among ${layers.join(", ")}: ` +
        `current value is [${wanted.join(", ")}]`,
    );
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, side) => size * side, 1);
}
