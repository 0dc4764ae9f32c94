/**
 * Makes views: the v-th augmented version of the i-th sample. A view depends on the seed, the
 * policy, i and v alone; neither order, batch size, workers nor the number of views change a byte.
 *
 * @example
 * ```ts
 * const size = { height: 32, width: 32 };
 * const augmenter = new Augmenter({ policy, random: new RandomSource(42), input: size, output: size });
 * augmenter.view(image, 7, 3, out); // view 3 of sample 7
 * ```
 *
 * @module
 */
import type { RandomSource } from "../../random/random.ts";
import type { ImageSize } from "../image/image.ts";
import type { TransformPolicy } from "./policy.ts";
import { sampleTransform } from "./sample.ts";
import { Renderer, type Transform } from "../image/transform.ts";

/** What {@link Augmenter} needs to know. */
export interface AugmenterOptions {
  /** Which transformations may happen. */
  readonly policy: TransformPolicy;
  /** Where the numbers come from: the streams named "augment", the sample, the view. */
  readonly random: RandomSource;
  /** The images' size. */
  readonly input: ImageSize;
  /** The views' size. */
  readonly output: ImageSize;
}

/** Makes views of images of one size under one policy, without allocating image buffers. */
export class Augmenter {
  readonly #policy: TransformPolicy;
  readonly #random: RandomSource;
  readonly #renderer: Renderer;

  /** @throws {RangeError} If a size is no pair of positive integers. */
  constructor({ policy, random, input, output }: AugmenterOptions) {
    this.#policy = policy;
    this.#random = random;
    this.#renderer = new Renderer(input, output);
  }

  /**
   * Draws the transformation that makes a view, without carrying it out.
   *
   * @param index The sample's number in its data set.
   * @param view The view's number, from 0.
   */
  transform(index: number, view: number): Transform {
    const stream = this.#random.stream("augment", index, view);
    return sampleTransform(this.#policy, stream, this.#renderer.input, this.#renderer.output);
  }

  /**
   * Makes one view.
   *
   * @param image The sample, uint8 [H, W, 3] of the input size; left unchanged.
   * @param index The sample's number in its data set.
   * @param view The view's number, from 0.
   * @param out The view, uint8 [H, W, 3] of the output size.
   * @throws {RangeError} If a buffer does not have its size.
   */
  view(image: Uint8Array, index: number, view: number, out: Uint8Array): void {
    this.#renderer.render(this.transform(index, view), image, out);
  }
}
