/**
 * CIFAR-10 in its official binary layout, `cifar-10-binary.tar.gz`.
 *
 * Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. Five train files and
 * one test file of records: a label byte (0-9) and 32x32 pixels as red, green and blue planes.
 *
 * @module
 */
import type { DataSet, ImageBatch, Split } from "./data_set.ts";
import { type ArchiveOptions, countImages } from "./image_counts.ts";
import { readRecords, recordBytes, type RecordLayout } from "./records.ts";
import { readTarFiles } from "./tar_archive.ts";

/** Class names in the order of the labels, as in the archive's `batches.meta.txt`. */
export const CIFAR10_CLASSES = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

const LAYOUT: RecordLayout = { labelBytes: 1, labelByte: 0, classes: 10, side: 32 };
const FOLDER = "cifar-10-batches-bin";
const FILES: Readonly<Record<Split, readonly string[]>> = {
  train: [1, 2, 3, 4, 5].map((batch) => `${FOLDER}/data_batch_${batch}.bin`),
  test: [`${FOLDER}/test_batch.bin`],
};
const MAXIMUM_RECORDS_PER_FILE = 10_000;
const MAXIMUM_UNPACKED_BYTES = 200e6;

/**
 * CIFAR-10 from an archive. Image i is record i of the batch files in the order of their numbers.
 * A subset keeps the layout with fewer records a file.
 */
export function cifar10(options: ArchiveOptions): DataSet {
  return {
    name: "cifar10",
    height: LAYOUT.side,
    width: LAYOUT.side,
    classNames: CIFAR10_CLASSES,
    provenance: options.provenance,
    batches: (split) => countImages(readBatches(options.path, split), split, options),
  };
}

async function* readBatches(path: string, split: Split): AsyncGenerator<ImageBatch> {
  const files = readTarFiles(path, {
    names: FILES[split],
    maximumFileBytes: MAXIMUM_RECORDS_PER_FILE * recordBytes(LAYOUT),
    maximumUnpackedBytes: MAXIMUM_UNPACKED_BYTES,
  });
  for await (const file of files) yield* readRecords(path, file, LAYOUT);
}
