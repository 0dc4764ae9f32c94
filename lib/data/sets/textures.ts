/**
 * The embedded data set: small colour textures generated from a seed.
 *
 * Colours, phases, periods and tilts are random and say nothing about the class, so neighbours in
 * pixel space, or under an untrained network, are poor guides to it, while a representation that
 * ignores them separates the families. That gap is what the experiment measures, and it needs no
 * download.
 *
 * @module
 */
import { RandomSource } from "../../random/random.ts";
import type { RandomStream } from "../../random/random.ts";
import type { DataSet, ImageBatch, ImageSet, Split } from "./data_set.ts";
import { TEXTURE_FAMILIES } from "./texture_families.ts";

const FAMILIES = Object.values(TEXTURE_FAMILIES);

/** Class names of the textures; a label is an index into them. */
export const TEXTURE_CLASSES: readonly string[] = Object.keys(TEXTURE_FAMILIES);

const MINIMUM_COLOUR_DISTANCE = 0.8;
const MAXIMUM_SLOPE = 0.1;
const NOISE = 0.05;
const MINIMUM_SIZE = 8;
const IMAGES_PER_BATCH = 1024;

/** Options of {@linkcode generateTextures}. */
export interface TextureOptions {
  readonly seed: number;
  readonly split: Split;
  /** Number of images, at least 1. */
  readonly count: number;
  /** Side of the square images in pixels, at least 8. */
  readonly size: number;
}

/** Options of {@linkcode texturesDataSet}. */
export interface TexturesDataSetOptions {
  readonly seed: number;
  readonly trainCount: number;
  readonly testCount: number;
  /** Side of the square images in pixels, at least 8. */
  readonly size: number;
}

/**
 * Generates the first `count` images of a split.
 *
 * Image i depends on seed, split, i and size alone: a larger `count` appends. Every ten images
 * from a multiple of ten on show each class once, in random order, so the classes are balanced
 * whatever the count.
 *
 * @throws {RangeError} if `count` or `size` is out of range
 * @example
 * ```ts
 * import { generateTextures } from "./textures.ts";
 *
 * const { images } = generateTextures({ seed: 0, split: "train", count: 256, size: 16 });
 * // images: 256 x 16 x 16 x 3 bytes
 * ```
 */
export function generateTextures(options: TextureOptions): ImageSet {
  const { count, size } = options;
  validate(options);
  return {
    ...generateRange(options, 0, count),
    height: size,
    width: size,
    classNames: TEXTURE_CLASSES,
    provenance: describeProvenance(options),
  };
}

/**
 * The textures behind the interface that the downloaded data sets have.
 *
 * @throws {RangeError} if a count or `size` is out of range
 */
export function texturesDataSet(options: TexturesDataSetOptions): DataSet {
  const { seed, size } = options;
  const counts: Record<Split, number> = { train: options.trainCount, test: options.testCount };
  for (const count of Object.values(counts)) validate({ count, size });
  return {
    name: "textures",
    height: size,
    width: size,
    classNames: TEXTURE_CLASSES,
    provenance: describeProvenance(options),
    async *batches(split: Split): AsyncGenerator<ImageBatch> {
      for (let start = 0; start < counts[split]; start += IMAGES_PER_BATCH) {
        const end = Math.min(start + IMAGES_PER_BATCH, counts[split]);
        yield generateRange({ seed, split, size }, start, end);
      }
    },
  };
}

function describeProvenance({ seed, size }: { seed: number; size: number }): string {
  return `Textures of ${size}x${size} pixels generated from seed ${seed}`;
}

function validate({ count, size }: { count: number; size: number }): void {
  requireAtLeast("count", count, 1);
  requireAtLeast("size", size, MINIMUM_SIZE);
}

function requireAtLeast(name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new RangeError(
    `Cannot generate textures as '${name}' must be a whole number of at least ${minimum}: ` +
      `current value is ${value}`,
  );
}

function generateRange(
  options: Omit<TextureOptions, "count">,
  start: number,
  end: number,
): ImageBatch {
  const { seed, split, size } = options;
  const random = new RandomSource(seed);
  const bytesPerImage = size * size * 3;
  const images = new Uint8Array((end - start) * bytesPerImage);
  const labels = new Int32Array(end - start);
  for (let i = start; i < end; i++) {
    const label = labelOf(random, split, i);
    labels[i - start] = label;
    const offset = (i - start) * bytesPerImage;
    paint(
      images.subarray(offset, offset + bytesPerImage),
      size,
      label,
      random.stream(`textures/${split}/image`, i),
    );
  }
  return { images, labels };
}

/** Class of image `i`: a fresh permutation of the classes for every run of ten images. */
function labelOf(random: RandomSource, split: Split, i: number): number {
  const run = Math.floor(i / FAMILIES.length);
  const order = random.stream(`textures/${split}/order`, run).permutation(FAMILIES.length);
  return order[i % FAMILIES.length];
}

/** Writes one image `[size, size, 3]` into `pixels`. */
function paint(pixels: Uint8Array, size: number, label: number, random: RandomStream): void {
  const field = FAMILIES[label](random);
  const [low, high] = twoColours(random);
  const slope = brightnessSlope(random);
  let at = 0;
  for (let row = 0; row < size; row++) {
    const y = (row + 0.5) / size;
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size;
      const intensity = field(x, y);
      const shade = slope(x, y);
      for (let channel = 0; channel < 3; channel++) {
        const colour = low[channel] + (high[channel] - low[channel]) * intensity;
        pixels[at++] = toByte(colour + shade + NOISE * random.normal());
      }
    }
  }
}

type Colour = readonly [red: number, green: number, blue: number];

/** Two uniform colours that are far enough apart for the texture to be seen. */
function twoColours(random: RandomStream): [Colour, Colour] {
  for (;;) {
    const first = uniformColour(random);
    const second = uniformColour(random);
    const distance = first.reduce((sum, value, c) => sum + Math.abs(value - second[c]), 0);
    if (distance >= MINIMUM_COLOUR_DISTANCE) return [first, second];
  }
}

function uniformColour(random: RandomStream): Colour {
  return [random.uniform(), random.uniform(), random.uniform()];
}

/** A faint plane of brightness, zero in the middle, as uneven light makes. */
function brightnessSlope(random: RandomStream): (x: number, y: number) => number {
  const right = random.uniformBetween(-MAXIMUM_SLOPE, MAXIMUM_SLOPE);
  const down = random.uniformBetween(-MAXIMUM_SLOPE, MAXIMUM_SLOPE);
  return (x, y) => right * (x - 0.5) + down * (y - 0.5);
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value * 255)));
}
