/**
 * Batches of views that are made while training runs: of chosen samples, the views with given
 * numbers.
 *
 * @module
 */
import { RandomSource } from "../../random/random.ts";
import { Augmenter } from "../policy/augmenter.ts";
import { imageBytes, type ImageSize } from "../image/image.ts";
import type { TransformPolicy } from "../policy/policy.ts";

/** What the views are made from. */
export interface OnlineOptions {
  /** The samples, uint8 [n, H, W, 3]; each worker gets a copy unless in a SharedArrayBuffer. */
  readonly images: Uint8Array;
  /** The samples' numbers in their data set, [n]: they name the random streams. */
  readonly indices: Int32Array;
  /** Which transformations may happen. */
  readonly policy: TransformPolicy;
  /** The seed of the random streams. */
  readonly seed: number;
  /** The samples' size. */
  readonly input: ImageSize;
  /** The views' size. */
  readonly output: ImageSize;
}

/** The views of a batch of b. */
export interface OnlineBatch {
  /** Rows of the samples, [b]. */
  readonly samples: Int32Array;
  /** The numbers of their views, [b]. */
  readonly views: Int32Array;
}

/** Makes one batch after the other; each thread has its own. */
export class OnlineMaker {
  readonly #options: OnlineOptions;
  readonly #augmenter: Augmenter;

  /** @throws {RangeError} If a size is no pair of positive integers. */
  constructor(options: OnlineOptions) {
    this.#options = options;
    this.#augmenter = new Augmenter({ ...options, random: new RandomSource(options.seed) });
  }

  /**
   * Makes the views of a batch.
   *
   * @param out The views, uint8 [b, H, W, 3].
   * @throws {RangeError} If a sample does not exist, or `out` has not the size.
   */
  fill({ samples, views }: OnlineBatch, out: Uint8Array): void {
    const { images, indices, input, output } = this.#options;
    const [from, to] = [imageBytes(input), imageBytes(output)];
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i];
      const image = images.subarray(sample * from, (sample + 1) * from);
      this.#augmenter.view(image, indices[sample], views[i], out.subarray(i * to, (i + 1) * to));
    }
  }

  /** The views of a batch, uint8 [b, H, W, 3]. */
  make(batch: OnlineBatch): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(batch.samples.length * imageBytes(this.#options.output));
    this.fill(batch, out);
    return out;
  }
}
