/**
 * What every data set of the project looks like to its users: two splits of labelled RGB images,
 * read in batches so that a set larger than memory is no special case.
 *
 * Letters used throughout `lib/data`: N images, H rows, W columns, 3 channels (red, green, blue).
 *
 * @module
 */

/** The two parts of a data set; a validation part that stands in for a test part is `test`. */
export type Split = "train" | "test";

/** Labelled images that follow one another in a split. */
export interface ImageBatch {
  /** Pixels `[N, H, W, 3]`, row-major, 0-255. */
  readonly images: Uint8Array;
  /** Class of each image `[N]`, an index into the data set's `classNames`. */
  readonly labels: Int32Array;
}

/** All images of one split, in memory. */
export interface ImageSet extends ImageBatch {
  readonly height: number;
  readonly width: number;
  readonly classNames: readonly string[];
  /** Where the images come from, in one sentence. */
  readonly provenance: string;
}

/**
 * A data set that can be read from the start any number of times.
 *
 * Image i of a split is always the same image: order, number and pixels depend on nothing but the
 * data set's origin (an archive's bytes, a generator's seed).
 */
export interface DataSet {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  readonly classNames: readonly string[];
  /** Where the images come from, in one sentence. */
  readonly provenance: string;
  /** The images of a split from its first to its last, at least one a batch. */
  batches(split: Split): AsyncIterable<ImageBatch>;
}
