/**
 * Makes many views in bounded memory, on one thread or several, with the same bytes either way.
 *
 * @module
 */
import { imageBytes } from "../image/image.ts";
import {
  BatchMaker,
  type BatchRange,
  batchRanges,
  type ViewBatch,
  type ViewOptions,
} from "./view_batch.ts";
import { viewWorkerUrl } from "./view_worker.ts";
import { WorkerPool } from "./worker_pool.ts";

/** How to spread the work; none of it changes a byte of the views. */
export interface SpreadOptions extends ViewOptions {
  /** The number of threads; with one, no worker is started. @default {1} */
  readonly workers?: number;
  /** The number of views in a batch, the last one excepted. @default {about 4 MiB of views} */
  readonly batchSize?: number;
}

/**
 * Makes all views of all samples. They come ordered by view, then by sample as given, so that more
 * views only append to what fewer views give. At most two batches per worker exist at a time.
 *
 * @throws {RangeError} If the options contradict each other.
 */
export async function* augmentViews(options: SpreadOptions): AsyncGenerator<ViewBatch, void, void> {
  const { indices, views, firstView = 0, output, batchSize, workers = 1 } = options;
  checkOptions(options);
  const ranges = batchRanges(indices.length * (views - firstView), output, batchSize);
  if (workers === 1) {
    const maker = new BatchMaker(options);
    for (const range of ranges) yield maker.make(range);
    return;
  }
  using pool = new WorkerPool<ViewOptions, BatchRange, ViewBatch>(
    viewWorkerUrl,
    workers,
    { ...options, images: shared(options.images) },
  );
  yield* pool.map(ranges);
}

function checkOptions(options: SpreadOptions): void {
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
