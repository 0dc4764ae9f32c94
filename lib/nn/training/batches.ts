/**
 * Which samples, views and blends make up each batch of a run. A batch depends on the seed and on
 * its epoch and place alone, so that an interrupted run can go on from anywhere.
 *
 * @module
 */
import type { RandomSource } from "../../random/random.ts";
import type { Mixup } from "./training.ts";

/** Probability that `paper` mixup blends a batch. */
const MIXUP_PROBABILITY = 0.8;

/** The contents of a batch of b images. */
export interface BatchPlan {
  /** Rows of the training set [b]. */
  readonly samples: Int32Array;
  /** Their views [b]. */
  readonly views: Int32Array;
  /** `null` without mixup. */
  readonly blend: Blend | null;
}

/** Image i becomes weight x image i + (1 - weight) x image partners[i]; labels alike. */
export interface Blend {
  readonly weight: number;
  /** A permutation of the batch [b]. */
  readonly partners: Int32Array;
}

/** What determines the batches of a run. */
export interface BatchSettings {
  readonly samples: number;
  /** B; `Infinity` online, where the view's number is the epoch's. */
  readonly viewsPerSample: number;
  readonly batchSize: number;
  readonly mixup: Mixup;
}

/** The batches of a run, in any order. */
export class BatchPlanner {
  /** Full batches in an epoch; what is left over is dropped. */
  readonly batchesPerEpoch: number;
  readonly #settings: BatchSettings;
  readonly #random: RandomSource;
  #epoch = -1;
  #order = new Int32Array(0);
  #views = new Int32Array(0);

  constructor(settings: BatchSettings, random: RandomSource) {
    this.batchesPerEpoch = Math.floor(settings.samples / settings.batchSize);
    this.#settings = settings;
    this.#random = random;
  }

  /** The contents of a batch; both numbers count from 0. */
  plan(epoch: number, batch: number): BatchPlan {
    if (epoch !== this.#epoch) this.#drawEpoch(epoch);
    const { batchSize } = this.#settings;
    const samples = this.#order.slice(batch * batchSize, (batch + 1) * batchSize);
    return {
      samples,
      views: samples.map((sample) => this.#views[sample]),
      blend: this.#settings.mixup === "none" ? null : this.#drawBlend(epoch, batch),
    };
  }

  #drawEpoch(epoch: number): void {
    const { samples, viewsPerSample } = this.#settings;
    this.#epoch = epoch;
    this.#order = this.#random.stream("order", epoch).permutation(samples);
    this.#views = new Int32Array(samples);
    if (viewsPerSample === Infinity) {
      this.#views.fill(epoch);
    } else if (viewsPerSample > 1) {
      const stream = this.#random.stream("view", epoch);
      for (let i = 0; i < samples; i++) this.#views[i] = stream.integer(viewsPerSample);
    }
  }

  /** Beta(1, 1) is the uniform distribution; an unblended batch has weight 1. */
  #drawBlend(epoch: number, batch: number): Blend {
    const stream = this.#random.stream("mixup", epoch, batch);
    const blended = stream.uniform() < MIXUP_PROBABILITY;
    const weight = blended ? stream.uniform() : 1;
    return { weight, partners: stream.permutation(this.#settings.batchSize) };
  }
}
