/**
 * Makes the views of the i.i.d. "augmentation": images of the data set, resized where asked for.
 *
 * @module
 */
import type { RandomSource } from "../../random/random.ts";
import { iidPools } from "./iid.ts";
import { imageBytes, type ImageSize, wholeImage } from "../image/image.ts";
import { Renderer } from "../image/transform.ts";
import { batchRanges, type ViewBatch } from "./view_batch.ts";

/** The views to make. */
export interface IidViewOptions {
  /** The images, uint8 [n, H, W, 3]. */
  readonly images: Uint8Array;
  /** The images' numbers in their data set, [n]. */
  readonly indices: Int32Array;
  /** Their true classes, [n]. */
  readonly labels: Int32Array;
  /** B, the number of views per sample, itself among them. */
  readonly views: number;
  /** The first view to make, for adding to those that exist. @default {0} */
  readonly firstView?: number;
  /** The number of samples of each class; all other images are views only. */
  readonly samplesPerClass: number;
  /** The source of the streams "iid", class. */
  readonly random: RandomSource;
  /** The images' size. */
  readonly input: ImageSize;
  /** The views' size. */
  readonly output: ImageSize;
}

/** Views to come. */
export interface IidViews {
  /** Rows of the images that are samples, [s]. */
  readonly samples: Int32Array;
  /** The views, ordered by view, then sample; more views only append to what fewer views give. */
  batches(): Generator<ViewBatch, void, void>;
}

/**
 * Chooses the samples and the images that are their views.
 *
 * @throws {RangeError} If a class has too few images.
 */
export function iidViews(options: IidViewOptions): IidViews {
  const { indices, labels, views, firstView = 0, samplesPerClass, random, output } = options;
  const { samples, rows } = iidPools(labels, random, { views, samplesPerClass });
  const copy = imageCopier(options);
  return {
    samples: rows.subarray(0, samples),
    *batches() {
      for (const { start, end } of batchRanges(samples * (views - firstView), output)) {
        const first = firstView * samples + start;
        const index = Int32Array.from(
          { length: end - start },
          (_, i) => indices[rows[(first + i) % samples]],
        );
        const view = index.map((_, i) => Math.floor((first + i) / samples));
        yield { index, view, image: copy(rows.subarray(first, first + end - start)) };
      }
    },
  };
}

/** What makes one buffer of the images in some rows, in the output size. */
function imageCopier({ images, input, output }: IidViewOptions) {
  const renderer = new Renderer(input, output);
  const asItIs = { box: wholeImage(input), mirror: false, operations: [] };
  const [from, to] = [imageBytes(input), imageBytes(output)];
  return (rows: Int32Array): Uint8Array<ArrayBuffer> => {
    const joined = new Uint8Array(rows.length * to);
    rows.forEach((row, i) => {
      const image = images.subarray(row * from, (row + 1) * from);
      renderer.render(asItIs, image, joined.subarray(i * to, (i + 1) * to));
    });
    return joined;
  };
}
