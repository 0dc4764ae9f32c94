/**
 * Makes many views in bounded memory, on one thread or several, with the same bytes either way.
 *
 * @module
 */
import { RandomSource } from "../random/random.ts";
import { Augmenter } from "./augmenter.ts";
import { imageBytes, type ImageSize } from "./image.ts";
import type { TransformPolicy } from "./policy.ts";
import { WorkerPool } from "./worker_pool.ts";

/** The views to make. */
export interface ViewOptions {
  /** The samples, uint8 [n, H, W, 3]; without a copy for workers if in a SharedArrayBuffer. */
  readonly images: Uint8Array;
  /** The samples' numbers in their data set, [n]: they name the random streams. */
  readonly indices: Int32Array;
  /** B, the number of views a sample. */
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
  /** The number of threads; with one, no worker is started. @default {1} */
  readonly workers?: number;
  /** The number of views in a batch, the last one excepted. @default {about 4 MiB of views} */
  readonly batchSize?: number;
}

/** Consecutive views. */
export interface ViewBatch {
  /** The samples' numbers, [m]. */
  readonly index: Int32Array<ArrayBuffer>;
  /** The views' numbers, [m]. */
  readonly view: Int32Array<ArrayBuffer>;
  /** The views, uint8 [m, H, W, 3]. */
  readonly image: Uint8Array<ArrayBuffer>;
}

const DEFAULT_BATCH_BYTES = 4 * 2 ** 20;

/**
 * Makes all views of all samples. They come ordered by view, then by sample as given, so that more
 * views only append to what fewer views give. At most two batches a worker exist at a time.
 *
 * @throws {RangeError} If the options contradict each other.
 */
export async function* augmentViews(options: ViewOptions): AsyncGenerator<ViewBatch, void, void> {
  const { workers = 1 } = options;
  checkOptions(options);
  if (workers === 1) {
    const maker = new BatchMaker(options);
    for (const range of batchRanges(options)) yield maker.make(range);
    return;
  }
  using pool = new WorkerPool<ViewOptions, BatchRange, ViewBatch>(
    new URL("./view_worker.ts", import.meta.url),
    workers,
    { ...options, images: shared(options.images) },
  );
  yield* pool.map(batchRanges(options));
}

/** The rows of a batch, counted over all batches. */
export interface BatchRange {
  readonly start: number;
  readonly end: number;
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

function* batchRanges(options: ViewOptions): Generator<BatchRange, void, void> {
  const { indices, views, firstView = 0, output } = options;
  const size = options.batchSize ??
    Math.max(1, Math.floor(DEFAULT_BATCH_BYTES / imageBytes(output)));
  const rows = indices.length * (views - firstView);
  for (let start = 0; start < rows; start += size) {
    yield { start, end: Math.min(start + size, rows) };
  }
}

function checkOptions(options: ViewOptions): void {
  const { images, indices, views, input, firstView = 0, workers = 1, batchSize = 1 } = options;
  if (images.length !== indices.length * imageBytes(input)) {
    throw new RangeError(
      `Cannot make views as ${indices.length} images of ${input.height} x ${input.width} must ` +
        `have ${indices.length * imageBytes(input)} bytes: current value is ${images.length}`,
    );
  }
  if (!Number.isInteger(firstView) || !Number.isInteger(views) || firstView < 0) {
    throw new RangeError(
      "Cannot make views as 'views' and 'firstView' must be integers of at least 0: " +
        `current values are ${views} and ${firstView}`,
    );
  }
  for (const [name, value] of Object.entries({ workers, batchSize })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot make views as '${name}' must be an integer of at least 1: ` +
          `current value is ${value}`,
      );
    }
  }
}

/** The same bytes in memory that workers see without a copy for each. */
function shared(bytes: Uint8Array): Uint8Array {
  if (bytes.buffer instanceof SharedArrayBuffer) return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
