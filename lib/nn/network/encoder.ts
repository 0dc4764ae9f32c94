/**
 * The encoders, as data: images in [0, 1] to embeddings, cut into named parts so that every
 * part's activations can be probed.
 *
 * @module
 */
import { EMBEDDING } from "../../tables/layer_names.ts";
import type { ImageShape } from "./images.ts";
import {
  basicBlock,
  batchNorm,
  convolution,
  flatten,
  globalAveragePool,
  type Layer,
  linear,
  maxPool,
  relu,
  sequence,
} from "./layers.ts";

/** A stretch of a network whose output is of interest. */
export interface Part {
  /** The name under which its output is probed, e.g. "layer1". */
  readonly name: string;
  readonly layer: Layer;
}

/** An encoder's parts, in order; the last one's output is the embedding [N,D]. */
export interface Encoder {
  readonly parts: readonly Part[];
  /** D. */
  readonly width: number;
}

/** ResNet's small-image form: a 3x3 stem without pooling, groups of basic blocks, a global mean. */
export interface ResNetConfig {
  readonly kind: "resnet";
  /** Channels of each group; each but the first halves the sides. The stem has as many as the first. */
  readonly widths: readonly number[];
  /** Basic blocks of each group. */
  readonly blocks: readonly number[];
  /** @default {1} */
  readonly stemStride?: 1 | 2;
}

/** VGG without batch norm and without the fully connected layers (Simonyan and Zisserman 2014). */
export interface VggConfig {
  readonly kind: "vgg";
  /** For each group, the channels of its 3x3 convolutions; a 2x2 maximum ends a group. */
  readonly groups: readonly (readonly number[])[];
  /** Stride of the first convolution. @default {1} */
  readonly stemStride?: 1 | 2;
}

/** Fully connected layers, each with bias and ReLU, on flattened images. */
export interface MlpConfig {
  readonly kind: "mlp";
  readonly widths: readonly number[];
}

/** What an encoder is built from. */
export type EncoderConfig = ResNetConfig | VggConfig | MlpConfig;

/**
 * The encoders by name: `resnet18` (11,168,832 parameters) and `vgg11` (9,220,480) for 32x32
 * images, their `-stride2` forms for 64x64; for images of 16x16 in small numbers `narrow`, half as
 * wide `narrow8`, and `vgg-narrow`, VGG11 without its last group and with a quarter of its channels;
 * `mlp` for comparison.
 */
export const encoders = {
  "resnet18": { kind: "resnet", widths: [64, 128, 256, 512], blocks: [2, 2, 2, 2] },
  "resnet18-stride2": {
    kind: "resnet",
    widths: [64, 128, 256, 512],
    blocks: [2, 2, 2, 2],
    stemStride: 2,
  },
  "vgg11": { kind: "vgg", groups: [[64], [128], [256, 256], [512, 512], [512, 512]] },
  "vgg11-stride2": {
    kind: "vgg",
    groups: [[64], [128], [256, 256], [512, 512], [512, 512]],
    stemStride: 2,
  },
  "narrow": { kind: "resnet", widths: [16, 32, 64], blocks: [1, 1, 1] },
  "narrow8": { kind: "resnet", widths: [8, 16, 32], blocks: [1, 1, 1] },
  "vgg-narrow": { kind: "vgg", groups: [[16], [32], [64, 64], [128, 128]] },
  "mlp": { kind: "mlp", widths: [1024, 512] },
} as const satisfies Record<string, EncoderConfig>;

/** The name of a ready-made encoder. */
export type EncoderName = keyof typeof encoders;

/**
 * Builds an encoder for images of the given shape.
 *
 * @throws {RangeError} if the images are too small or their sides cannot be halved often enough.
 */
export function buildEncoder(config: EncoderConfig, shape: ImageShape): Encoder {
  switch (config.kind) {
    case "resnet":
      return resNet(config);
    case "vgg":
      return vgg(config, shape);
    case "mlp":
      return mlp(config, shape);
  }
}

function resNet({ widths, blocks, stemStride }: ResNetConfig): Encoder {
  if (widths.length === 0 || widths.length !== blocks.length) {
    throw new RangeError(
      `Cannot build a ResNet as 'widths' and 'blocks' must name the same groups, at least one: ` +
        `current values are [${widths}] and [${blocks}]`,
    );
  }
  const stem = sequence(
    convolution("encoder.conv1", { inputs: 3, outputs: widths[0], stride: stemStride }),
    batchNorm("encoder.bn1", widths[0]),
    relu,
  );
  const groups = widths.map((width, group): Part => {
    const name = `layer${group + 1}`;
    const layers = Array.from(
      { length: blocks[group] },
      (_, block) =>
        block === 0
          ? basicBlock(`encoder.${name}.0`, widths[Math.max(0, group - 1)], width, group ? 2 : 1)
          : basicBlock(`encoder.${name}.${block}`, width, width, 1),
    );
    return { name, layer: sequence(...layers) };
  });
  const embedding = { name: EMBEDDING, layer: globalAveragePool };
  return { parts: [{ name: "stem", layer: stem }, ...groups, embedding], width: widths.at(-1)! };
}

function vgg({ groups, stemStride = 1 }: VggConfig, shape: ImageShape): Encoder {
  const [height, width] = shape.slice(0, 2).map((side) => side / stemStride / 2 ** groups.length);
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new RangeError(
      `Cannot build a VGG of ${groups.length} groups as the sides of its images must be multiples ` +
        `of ${stemStride * 2 ** groups.length}: current value is ${shape[0]}x${shape[1]}. ` +
        `Resize the images or take another encoder`,
    );
  }
  let index = 0;
  let inputs = 3;
  const parts = groups.map((channels, group): Part => {
    const layers = channels.flatMap((outputs) => {
      const stride = index === 0 ? stemStride : 1;
      const layer = convolution(`encoder.features.${index}`, {
        inputs,
        outputs,
        stride,
        bias: true,
      });
      inputs = outputs;
      index += 2; // convolution and ReLU, as torchvision counts them
      return [layer, relu];
    });
    index++; // the maximum
    return { name: `layer${group + 1}`, layer: sequence(...layers, maxPool) };
  });
  const embedding = { name: EMBEDDING, layer: flatten };
  return { parts: [...parts, embedding], width: inputs * height * width };
}

function mlp({ widths }: MlpConfig, [height, width, channels]: ImageShape): Encoder {
  let inputs = height * width * channels;
  const layers = widths.map((outputs, i) => {
    const layer = sequence(linear(`encoder.${2 * i}`, inputs, outputs, { bias: true }), relu);
    inputs = outputs;
    return layer;
  });
  const parts = [flatten, ...layers].map((layer, i): Part => ({
    name: i === widths.length ? EMBEDDING : i === 0 ? "input" : `layer${i}`,
    layer,
  }));
  return { parts, width: inputs };
}
