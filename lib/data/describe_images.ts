/**
 * Facts about a split for its data sheet (the paper's Table 5 and what a reader needs to trust it).
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ImageBatch } from "./sets/data_set.ts";

/** A value for each of red, green and blue. */
export type PerChannel = readonly [red: number, green: number, blue: number];

/** Facts about labelled images. */
export interface ImageFacts {
  /** N, the number of images. */
  readonly count: number;
  /** Images of each class, by label. */
  readonly countByClass: readonly number[];
  /** Images of the rarest class over those of the most frequent one; 1 is balanced. */
  readonly balance: number;
  /** Mean of each channel, 0-1. */
  readonly mean: PerChannel;
  /** Standard deviation of each channel over all pixels, 0-1. */
  readonly standardDeviation: PerChannel;
  /** SHA-256 of all pixels in order, `[N, H, W, 3]`, in hexadecimal. */
  readonly pixelSha256: string;
  /** SHA-256 of all labels in order, one little-endian int32 each, in hexadecimal. */
  readonly labelSha256: string;
}

/**
 * Describes labelled images, in one pass and however they are cut into batches.
 *
 * @param batches at least one image
 * @param classCount number of classes; every label must be below it
 * @throws {RangeError} if there is no image or a label is out of range
 */
export async function describeImages(
  batches: AsyncIterable<ImageBatch> | Iterable<ImageBatch>,
  classCount: number,
): Promise<ImageFacts> {
  const countByClass = new Array<number>(classCount).fill(0);
  const histogram = [0, 1, 2].map(() => new Float64Array(256));
  const pixelHash = createHash("sha256");
  const labelHash = createHash("sha256");
  for await (const { images, labels } of batches) {
    countLabels(countByClass, labels);
    countValues(histogram, images);
    pixelHash.update(images);
    labelHash.update(littleEndian(labels));
  }
  const count = countByClass.reduce((sum, images) => sum + images, 0);
  if (count === 0) {
    throw new RangeError(
      "Cannot describe images as there must be at least one: current number is 0",
    );
  }
  const moments = histogram.map(meanAndDeviation);
  return {
    count,
    countByClass,
    balance: Math.min(...countByClass) / Math.max(...countByClass),
    mean: perChannel(moments.map(({ mean }) => mean)),
    standardDeviation: perChannel(moments.map(({ deviation }) => deviation)),
    pixelSha256: pixelHash.digest("hex"),
    labelSha256: labelHash.digest("hex"),
  };
}

function countLabels(countByClass: number[], labels: Int32Array): void {
  for (const label of labels) {
    if (!(label in countByClass)) {
      throw new RangeError(
        `Cannot describe images as labels must lie between 0 and ${countByClass.length - 1}: ` +
          `current value is ${label}`,
      );
    }
    countByClass[label]++;
  }
}

function countValues(histogram: readonly Float64Array[], images: Uint8Array): void {
  const [red, green, blue] = histogram;
  for (let at = 0; at < images.length; at += 3) {
    red[images[at]]++;
    green[images[at + 1]]++;
    blue[images[at + 2]]++;
  }
}

/** Mean and standard deviation of byte values scaled to 0-1, exact because they are counted. */
function meanAndDeviation(histogram: Float64Array): { mean: number; deviation: number } {
  let count = 0;
  let sum = 0;
  let squares = 0;
  histogram.forEach((times, value) => {
    count += times;
    sum += times * value;
    squares += times * value * value;
  });
  const mean = sum / count;
  return { mean: mean / 255, deviation: Math.sqrt(squares / count - mean * mean) / 255 };
}

function perChannel(values: readonly number[]): PerChannel {
  return [values[0], values[1], values[2]];
}

function littleEndian(labels: Int32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * labels.length));
  labels.forEach((label, i) => view.setInt32(4 * i, label, true));
  return new Uint8Array(view.buffer);
}
