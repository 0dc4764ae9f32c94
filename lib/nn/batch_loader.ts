/**
 * Prepares the next batch while the present one is trained on, and measures what that costs.
 *
 * @module
 */
import type { Runtime, Tensor } from "../tensorflow/runtime.ts";
import type { BatchPlan, BatchPlanner } from "./batches.ts";
import { bytesPerImage, type ImageShape } from "./images.ts";
import type { InputCost } from "./training.ts";
import type { ViewSource } from "./views.ts";

/** A batch on the backend. Letters: b images, H rows, W columns. */
export interface Batch {
  /** uint8 [b,H,W,3] */
  readonly images: Tensor;
  /** int32 [b] */
  readonly labels: Tensor;
  /** With mixup: partners int32 [b] and the weight, a scalar; else empty. */
  readonly blend: readonly Tensor[];
}

/** Where batches come from. */
export interface BatchSource {
  readonly runtime: Runtime;
  readonly planner: BatchPlanner;
  readonly views: ViewSource;
  readonly shape: ImageShape;
  /** [n], or [n,B] with a label for each view. */
  readonly labels: Int32Array;
  /** Whether there is a label for each view. */
  readonly labelPerView: boolean;
  readonly clock: () => number;
}

/** Loads batches in the order of training, one ahead. */
export class BatchLoader {
  readonly #source: BatchSource;
  #ahead: { key: string; batch: Promise<Batch> } | null = null;
  #seconds = 0;
  #secondsWaited = 0;

  constructor(source: BatchSource) {
    this.#source = source;
  }

  /** What loading has cost so far. */
  get cost(): InputCost {
    return { seconds: this.#seconds, secondsWaited: this.#secondsWaited };
  }

  /** Begins to load a batch that {@link BatchLoader.take} will be asked for next. */
  prefetch(epoch: number, batch: number): void {
    const loading = this.#load(epoch, batch);
    loading.catch(() => {}); // reported by take()
    this.#ahead = { key: `${epoch}/${batch}`, batch: loading };
  }

  /** The batch, whose tensors the caller disposes. */
  async take(epoch: number, batch: number): Promise<Batch> {
    if (this.#ahead?.key !== `${epoch}/${batch}`) {
      await this.dispose();
      this.prefetch(epoch, batch);
    }
    const start = this.#source.clock();
    const taken = await this.#ahead!.batch;
    this.#secondsWaited += (this.#source.clock() - start) / 1000;
    this.#ahead = null;
    return taken;
  }

  /** Frees the batch that was loaded ahead, if there is one. */
  async dispose(): Promise<void> {
    const ahead = await this.#ahead?.batch.catch(() => null);
    this.#ahead = null;
    if (ahead) disposeBatch(ahead);
  }

  async #load(epoch: number, batch: number): Promise<Batch> {
    const { runtime, planner, views, shape, clock } = this.#source;
    const start = clock();
    const plan = planner.plan(epoch, batch);
    const count = plan.samples.length;
    const bytes = new Uint8Array(count * bytesPerImage(shape));
    const gathered = views.gather(plan.samples, plan.views, bytes);
    if (gathered) await gathered;
    const { tf } = runtime;
    const loaded = {
      images: runtime.bytes([count, ...shape], bytes),
      labels: tf.tensor1d(this.#labels(plan), "int32"),
      blend: plan.blend
        ? [tf.tensor1d(plan.blend.partners, "int32"), tf.scalar(plan.blend.weight)]
        : [],
    };
    this.#seconds += (clock() - start) / 1000;
    return loaded;
  }

  #labels({ samples, views }: BatchPlan): Int32Array {
    const { labels, labelPerView, views: { viewsPerSample } } = this.#source;
    if (!labelPerView) return samples.map((sample) => labels[sample]);
    return samples.map((sample, i) => labels[sample * viewsPerSample + views[i]]);
  }
}

/** Frees a batch's tensors. */
export function disposeBatch({ images, labels, blend }: Batch): void {
  for (const tensor of [images, labels, ...blend]) tensor.dispose();
}
