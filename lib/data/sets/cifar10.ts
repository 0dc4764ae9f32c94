/**
 * CIFAR-10 in its official binary layout, `cifar-10-binary.tar.gz`.
 *
 * Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. Five train files and
 * one test file of records: a label byte (0-9) and 32x32 pixels as red, green and blue planes.
 *
 * @module
 */
import type { DataSet } from "./data_set.ts";
import type { ArchiveOptions } from "./image_counts.ts";
import { type RecordArchive, recordDataSet } from "./records.ts";

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

const FOLDER = "cifar-10-batches-bin";
const CIFAR10: RecordArchive = {
  name: "cifar10",
  classNames: CIFAR10_CLASSES,
  layout: { labelBytes: 1, labelByte: 0, classes: 10, side: 32 },
  files: {
    train: [1, 2, 3, 4, 5].map((batch) => `${FOLDER}/data_batch_${batch}.bin`),
    test: [`${FOLDER}/test_batch.bin`],
  },
  maximumRecordsPerFile: { train: 10_000, test: 10_000 },
};

/** CIFAR-10 from an archive. Image i is record i of the batch files in the order of their numbers. */
export function cifar10(options: ArchiveOptions): DataSet {
  return recordDataSet(CIFAR10, options);
}
