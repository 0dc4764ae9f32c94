/**
 * Draws a view's transformation: the distributions of torchvision's RandomResizedCrop, random flip,
 * ColorJitter and random grey with the paper's settings (protocol: brightness, contrast and
 * saturation 0.8, hue 0.2, jitter with probability 0.8, grey with probability 0.2).
 *
 * @module
 */
import type { RandomStream } from "../../random/random.ts";
import { type Box, type ImageSize, wholeImage } from "../image/image.ts";
import type { ComposedPolicy, TransformPolicy } from "./policy.ts";
import { sampleRandAugment } from "./rand_augment.ts";
import type { Operation, Transform } from "../image/transform.ts";

const FLIP_PROBABILITY = 0.5;
const JITTER_PROBABILITY = 0.8;
const GRAY_PROBABILITY = 0.2;
/** Brightness, contrast and saturation factors lie this far around 1. */
const FACTOR_RANGE = 0.8;
/** Hue turns lie this far around 0. */
const HUE_RANGE = 0.2;
/** A crop's width over its height. */
const MIN_RATIO = 3 / 4;
const MAX_RATIO = 4 / 3;
const LOG_MIN_RATIO = Math.log(MIN_RATIO);
const LOG_MAX_RATIO = Math.log(MAX_RATIO);
const CROP_ATTEMPTS = 10;

/**
 * Draws the transformation of one view.
 *
 * @param policy What may happen.
 * @param stream Where the numbers come from; a fresh stream for each view.
 * @param input The image's size.
 * @param output The view's size.
 */
export function sampleTransform(
  policy: TransformPolicy,
  stream: RandomStream,
  input: ImageSize,
  output: ImageSize,
): Transform {
  if (policy.kind === "randaugment") {
    const operations = sampleRandAugment(policy.strength, stream, output);
    return { box: wholeImage(input), mirror: false, operations };
  }
  const { minCropScale, flip } = policy;
  return {
    box: minCropScale === null ? wholeImage(input) : sampleCrop(input, minCropScale, stream),
    mirror: flip && stream.uniform() < FLIP_PROBABILITY,
    operations: sampleColors(policy, stream),
  };
}

/**
 * Draws a box of random area and shape; after ten boxes that do not fit, it is the largest central
 * one with an allowed shape.
 */
export function sampleCrop(
  { height, width }: ImageSize,
  minScale: number,
  stream: RandomStream,
): Box {
  for (let attempt = 0; attempt < CROP_ATTEMPTS; attempt++) {
    const area = height * width * stream.uniformBetween(minScale, 1);
    const ratio = Math.exp(stream.uniformBetween(LOG_MIN_RATIO, LOG_MAX_RATIO));
    const boxWidth = Math.round(Math.sqrt(area * ratio));
    const boxHeight = Math.round(Math.sqrt(area / ratio));
    if (boxWidth > 0 && boxWidth <= width && boxHeight > 0 && boxHeight <= height) {
      const top = stream.integer(height - boxHeight + 1);
      const left = stream.integer(width - boxWidth + 1);
      return { top, left, height: boxHeight, width: boxWidth };
    }
  }
  return centralBox({ height, width });
}

function centralBox({ height, width }: ImageSize): Box {
  const boxHeight = Math.min(height, Math.round(width / MIN_RATIO));
  const boxWidth = Math.min(width, Math.round(height * MAX_RATIO));
  return {
    top: Math.floor((height - boxHeight) / 2),
    left: Math.floor((width - boxWidth) / 2),
    height: boxHeight,
    width: boxWidth,
  };
}

function sampleColors({ jitter, gray }: ComposedPolicy, stream: RandomStream): Operation[] {
  const operations: Operation[] = [];
  if (jitter && stream.uniform() < JITTER_PROBABILITY) {
    operations.push(
      { kind: "brightness", factor: sampleFactor(stream) },
      { kind: "contrast", factor: sampleFactor(stream) },
      { kind: "saturation", factor: sampleFactor(stream) },
      { kind: "hue", turn: stream.uniformBetween(-HUE_RANGE, HUE_RANGE) },
    );
    stream.shuffle(operations);
  }
  if (gray && stream.uniform() < GRAY_PROBABILITY) operations.push({ kind: "grayscale" });
  return operations;
}

function sampleFactor(stream: RandomStream): number {
  return stream.uniformBetween(1 - FACTOR_RANGE, 1 + FACTOR_RANGE);
}
