/**
 * Checks that a split is complete.
 *
 * @module
 */
import { ArchiveError } from "../archives/archive_error.ts";
import type { ImageBatch, Split } from "./data_set.ts";

/** Number of images in each split. */
export type ImageCounts = Readonly<Record<Split, number>>;

/** What every reader of an archive needs to know. */
export interface ArchiveOptions {
  /** Path of the archive. */
  readonly path: string;
  /** Where the archive comes from, in one sentence. */
  readonly provenance: string;
  /** How many images each split must have. Left out for subsets, which may have any number. */
  readonly counts?: ImageCounts;
}

/**
 * Passes batches on and fails at the end if their images are fewer or more than stated.
 *
 * @throws {ArchiveError} if the split does not have the stated number of images
 */
export async function* countImages(
  batches: AsyncIterable<ImageBatch>,
  split: Split,
  { path, counts }: ArchiveOptions,
): AsyncGenerator<ImageBatch> {
  let count = 0;
  for await (const batch of batches) {
    count += batch.labels.length;
    yield batch;
  }
  if (counts !== undefined && count !== counts[split]) {
    throw new ArchiveError(
      path,
      `its ${split} split must have ${counts[split]} images: current number is ${count}`,
    );
  }
}
