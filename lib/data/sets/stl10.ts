/**
 * The labelled part of STL-10 in its official layout, `stl10_binary.tar.gz`.
 *
 * Coates, Lee and Ng, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning",
 * 2011. Images are 96x96, stored as three planes in column-major order; labels, 1-10, stand in a
 * file of their own.
 *
 * @module
 */
import { ArchiveError } from "../archives/archive_error.ts";
import type { DataSet, ImageBatch, Split } from "./data_set.ts";
import { type ArchiveOptions, countImages } from "./image_counts.ts";
import { requireLabel } from "./records.ts";
import { type ArchiveFile, readTarFiles } from "../archives/tar_archive.ts";

/** Class names in the order of the labels (from 0), as in `class_names.txt`. */
export const STL10_CLASSES = [
  "airplane",
  "bird",
  "car",
  "cat",
  "deer",
  "dog",
  "horse",
  "monkey",
  "ship",
  "truck",
] as const;

const SIDE = 96;
const PIXELS = SIDE * SIDE;
const MAXIMUM_IMAGES: Readonly<Record<Split, number>> = { train: 5000, test: 8000 };
/** The unlabelled part, which is passed over, has 2.8 GB. */
const MAXIMUM_UNPACKED_BYTES = 3.5e9;
const IMAGES_PER_BATCH = 250;

/**
 * The labelled images of STL-10 from an archive, 5,000 to train and 8,000 to test when complete.
 * Reading a split holds its pixels in memory (at most 221 MB).
 */
export function stl10(options: ArchiveOptions): DataSet {
  return {
    name: "stl10",
    height: SIDE,
    width: SIDE,
    classNames: STL10_CLASSES,
    provenance: options.provenance,
    batches: (split) => countImages(readBatches(options.path, split), split, options),
  };
}

async function* readBatches(path: string, split: Split): AsyncGenerator<ImageBatch> {
  const files: ArchiveFile[] = [];
  const options = {
    names: [`stl10_binary/${split}_y.bin`, `stl10_binary/${split}_X.bin`],
    maximumFileBytes: MAXIMUM_IMAGES[split] * PIXELS * 3,
    maximumUnpackedBytes: MAXIMUM_UNPACKED_BYTES,
  };
  for await (const file of readTarFiles(path, options)) files.push(file);
  const [labels, pixels] = files;
  requireMatch(path, labels, pixels);
  for (let start = 0; start < labels.bytes.length; start += IMAGES_PER_BATCH) {
    const end = Math.min(start + IMAGES_PER_BATCH, labels.bytes.length);
    yield readBatch(path, labels, pixels, start, end);
  }
}

function requireMatch(path: string, labels: ArchiveFile, pixels: ArchiveFile): void {
  const expected = labels.bytes.length * PIXELS * 3;
  if (expected > 0 && pixels.bytes.length === expected) return;
  throw new ArchiveError(
    path,
    `${pixels.name} must hold ${
      PIXELS * 3
    } bytes for each label of ${labels.name}, at least one: ` +
      `current sizes are ${pixels.bytes.length} bytes and ${labels.bytes.length} labels`,
  );
}

function readBatch(
  path: string,
  labels: ArchiveFile,
  pixels: ArchiveFile,
  start: number,
  end: number,
): ImageBatch {
  const images = new Uint8Array((end - start) * PIXELS * 3);
  for (let i = start; i < end; i++) {
    requireLabel(path, labels.name, i, labels.bytes[i], STL10_CLASSES.length, 1);
    const planes = pixels.bytes.subarray(i * PIXELS * 3, (i + 1) * PIXELS * 3);
    transposePlanes(planes, images.subarray((i - start) * PIXELS * 3));
  }
  return { images, labels: Int32Array.from(labels.bytes.subarray(start, end), (y) => y - 1) };
}

/** Turns column-major planes `[3, W, H]` into pixels `[H, W, 3]`. */
function transposePlanes(planes: Uint8Array, out: Uint8Array): void {
  let at = 0;
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const pixel = column * SIDE + row;
      out[at++] = planes[pixel];
      out[at++] = planes[pixel + PIXELS];
      out[at++] = planes[pixel + 2 * PIXELS];
    }
  }
}
