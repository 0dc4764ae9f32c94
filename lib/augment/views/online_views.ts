/**
 * Online augmentation: a fresh view of a sample in every epoch, made by workers ahead of the
 * training steps, or by the caller's own thread. The bytes are the same either way.
 *
 * @module
 */
import { type OnlineBatch, OnlineMaker, type OnlineOptions } from "./online_batch.ts";
import { onlineWorkerUrl } from "./online_worker.ts";
import { JOBS_PER_WORKER, WorkerPool } from "./worker_pool.ts";

/** How online views are made. */
export interface OnlineViewOptions extends OnlineOptions {
  /** The number of workers; 0 makes the views where they are asked for. */
  readonly workers: number;
}

/** A source of views without end; workers end when it is disposed of, whatever they do. */
export class OnlineViews implements Disposable {
  readonly viewsPerSample = Infinity;
  /** Batches to ask for ahead, so that every worker has one to make and one to go on with. */
  readonly batchesAhead: number;
  readonly #maker: OnlineMaker;
  readonly #pool: WorkerPool<OnlineOptions, OnlineBatch, Uint8Array> | null;

  /** @throws {RangeError} If the options contradict each other. */
  constructor({ workers, ...options }: OnlineViewOptions) {
    if (!Number.isInteger(workers) || workers < 0) {
      throw new RangeError(
        "Cannot make views as 'workers' must be an integer of at least 0: " +
          `current value is ${workers}`,
      );
    }
    this.#maker = new OnlineMaker(options);
    this.#pool = workers === 0 ? null : new WorkerPool(onlineWorkerUrl, workers, options);
    this.batchesAhead = Math.max(1, workers * JOBS_PER_WORKER);
  }

  /**
   * Makes view `views[i]` of sample `samples[i]` at place `i` of `out`, for all i.
   *
   * @param samples Rows of the images, [b].
   * @param views Numbers of views, such as that of the epoch, [b].
   * @param out uint8 [b, H, W, 3]
   * @throws {Error} If it fails; with workers the promise rejects, the cause is what the worker
   * threw.
   */
  gather(samples: Int32Array, views: Int32Array, out: Uint8Array): void | Promise<void> {
    if (this.#pool === null) return this.#maker.fill({ samples, views }, out);
    return this.#pool.run({ samples, views }).then((made) => out.set(made));
  }

  /** Ends the workers at once. */
  [Symbol.dispose](): void {
    this.#pool?.[Symbol.dispose]();
  }
}
