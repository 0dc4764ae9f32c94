/**
 * Where the images of a training batch come from: the images themselves, precomputed views of
 * them, or views that are made while training runs.
 *
 * @module
 */
import { bytesPerImage, type ImageShape, type ImageSource } from "../network/images.ts";

/** Views (augmented forms) of a training set's samples. */
export interface ViewSource {
  /** B, or `Infinity` where each epoch gets a view of its own, made on demand (online augmentation). */
  readonly viewsPerSample: number;
  /**
   * Batches to ask for before they are needed: more than one where several are made at once.
   *
   * @default {1}
   */
  readonly batchesAhead?: number;
  /**
   * Writes view `views[i]` of sample `samples[i]` to place `i` of `out`, for all i. Samples are
   * rows of the training set; a view is in [0, B), online the number of the epoch (from 0).
   *
   * @param out [samples.length,H,W,3]
   */
  gather(samples: Int32Array, views: Int32Array, out: Uint8Array): void | Promise<void>;
}

/** All views of `samples` samples as one run of images, sample by sample. */
export function viewsAsImages(views: ViewSource, samples: number, shape: ImageShape): ImageSource {
  const { viewsPerSample } = views;
  return {
    count: samples * viewsPerSample,
    shape,
    async read(start, count) {
      const places = Int32Array.from({ length: count }, (_, i) => start + i);
      const out = new Uint8Array(count * bytesPerImage(shape));
      await views.gather(
        places.map((place) => Math.floor(place / viewsPerSample)),
        places.map((place) => place % viewsPerSample),
        out,
      );
      return out;
    },
  };
}

/** Images as their own only views. */
export function imagesAsViews(images: ImageSource): ViewSource {
  const size = bytesPerImage(images.shape);
  return {
    viewsPerSample: 1,
    async gather(samples, _views, out) {
      for (let i = 0; i < samples.length; i++) out.set(await images.read(samples[i], 1), i * size);
    },
  };
}
