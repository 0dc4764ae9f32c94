/**
 * Batches of views: consecutive ones of all views of all samples, ordered by view, then sample.
 *
 * @module
 */
import { RandomSource } from "../../random/random.ts";
import { Augmenter } from "../policy/augmenter.ts";
import { imageBytes, type ImageSize } from "../image/image.ts";
import type { TransformPolicy } from "../policy/policy.ts";

/** The views to make. */
export interface ViewOptions {
  /** The samples, uint8 [n, H, W, 3]; without a copy for workers if in a SharedArrayBuffer. */
  readonly images: Uint8Array;
  /** The samples' numbers in their data set, [n]: they name the random streams. */
  readonly indices: Int32Array;
  /** B, the number of views per sample. */
  readonly views: number;
  /** Which transformations may happen. */
  readonly policy: TransformPolicy;
  /** The seed of the random streams. */
  readonly seed: number;
  /** The samples' size. */
  readonly input: ImageSize;
  /** The views' size. */
  readonly output: ImageSize;
  /** The first view to make, for adding to those that exist. @default {0} */
  readonly firstView?: number;
}

/** Consecutive views. */
export interface ViewBatch {
  /** The samples' numbers, [m]. */
  readonly index: Int32Array;
  /** The views' numbers, [m]. */
  readonly view: Int32Array;
  /** The views, uint8 [m, H, W, 3]. */
  readonly image: Uint8Array;
}

/** The rows of a batch, counted over all batches. */
export interface BatchRange {
  readonly start: number;
  readonly end: number;
}

const DEFAULT_BATCH_BYTES = 4 * 2 ** 20;

/**
 * Cuts rows into batches.
 *
 * @param rows The number of views.
 * @param output The views' size.
 * @param batchSize The number of views in a batch, the last one excepted; about 4 MiB of them if
 * not given.
 */
export function* batchRanges(
  rows: number,
  output: ImageSize,
  batchSize: number = Math.max(1, Math.floor(DEFAULT_BATCH_BYTES / imageBytes(output))),
): Generator<BatchRange, void, void> {
  for (let start = 0; start < rows; start += batchSize) {
    yield { start, end: Math.min(start + batchSize, rows) };
  }
}

/** The views of a batch whose rows are chosen. */
export function selectRows(batch: ViewBatch, isChosen: (row: number) => boolean): ViewBatch {
  const rows = Array.from(batch.index, (_, row) => row).filter(isChosen);
  const bytes = batch.image.length / batch.index.length;
  const image = new Uint8Array(rows.length * bytes);
  rows.forEach((row, i) => {
    image.set(batch.image.subarray(row * bytes, (row + 1) * bytes), i * bytes);
  });
  return {
    index: Int32Array.from(rows, (row) => batch.index[row]),
    view: Int32Array.from(rows, (row) => batch.view[row]),
    image,
  };
}

/** Makes one batch after the other; each thread has its own. */
export class BatchMaker {
  readonly #options: ViewOptions;
  readonly #augmenter: Augmenter;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#augmenter = new Augmenter({ ...options, random: new RandomSource(options.seed) });
  }

  /** Makes the views of some rows. */
  make({ start, end }: BatchRange): ViewBatch {
    const { images, indices, input, output, firstView = 0 } = this.#options;
    const inputBytes = imageBytes(input);
    const outputBytes = imageBytes(output);
    const index = new Int32Array(end - start);
    const view = new Int32Array(end - start);
    const image = new Uint8Array((end - start) * outputBytes);
    for (let i = 0; i < end - start; i++) {
      const sample = (start + i) % indices.length;
      index[i] = indices[sample];
      view[i] = firstView + Math.floor((start + i) / indices.length);
      const source = images.subarray(sample * inputBytes, (sample + 1) * inputBytes);
      const target = image.subarray(i * outputBytes, (i + 1) * outputBytes);
      this.#augmenter.view(source, index[i], view[i], target);
    }
    return { index, view, image };
  }
}
