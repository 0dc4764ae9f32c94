/**
 * Prepares the next batches while the present one is trained on, and measures what that costs.
 *
 * @module
 */
import type { Runtime, Tensor } from "../../tensorflow/runtime.ts";
import type { BatchPlan, BatchPlanner } from "./batches.ts";
import { bytesPerImage, type ImageShape } from "../network/images.ts";
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
  /** The number of batches in the run: none is loaded ahead of its end. */
  readonly steps: number;
  readonly clock: () => number;
}

/** Loads batches in the order of training, as many ahead as their views want. */
export class BatchLoader {
  readonly #source: BatchSource;
  #ahead: Promise<Batch>[] = [];
  /** The step whose batch comes after those ahead. */
  #next = 0;
  #seconds = 0;
  #secondsWaited = 0;

  constructor(source: BatchSource) {
    this.#source = source;
  }

  /** What loading has cost so far. */
  get cost(): InputCost {
    return { seconds: this.#seconds, secondsWaited: this.#secondsWaited };
  }

  /** Begins to load batches that {@link BatchLoader.take} will be asked for next. */
  prefetch(): void {
    const { views: { batchesAhead = 1 }, steps } = this.#source;
    while (this.#ahead.length < batchesAhead && this.#next < steps) {
      const loading = this.#load(this.#next++);
      loading.catch(() => {}); // reported by take()
      this.#ahead.push(loading);
    }
  }

  /** The batch of a step, counted from 0 over all epochs, whose tensors the caller disposes. */
  async take(step: number): Promise<Batch> {
    if (step !== this.#next - this.#ahead.length) {
      await this.dispose();
      this.#next = step;
    }
    if (this.#ahead.length === 0) this.prefetch();
    const start = this.#source.clock();
    const taken = await this.#ahead.shift()!;
    this.#secondsWaited += (this.#source.clock() - start) / 1000;
    return taken;
  }

  /** Frees the batches that were loaded ahead. */
  async dispose(): Promise<void> {
    for (const loading of this.#ahead.splice(0)) {
      const batch = await loading.catch(() => null);
      if (batch) disposeBatch(batch);
    }
  }

  async #load(step: number): Promise<Batch> {
    const { runtime, planner, views, shape, clock } = this.#source;
    const start = clock();
    const { batchesPerEpoch } = planner;
    const plan = planner.plan(Math.floor(step / batchesPerEpoch), step % batchesPerEpoch);
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
