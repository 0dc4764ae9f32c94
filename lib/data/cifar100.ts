/**
 * CIFAR-100 with its fine labels in the official binary layout, `cifar-100-binary.tar.gz`.
 *
 * Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. Records: a coarse and
 * a fine label byte (0-99) and 32x32 pixels as red, green and blue planes.
 *
 * @module
 */
import type { DataSet, ImageBatch, Split } from "./data_set.ts";
import { type ArchiveOptions, countImages } from "./image_counts.ts";
import { readRecords, recordBytes, type RecordLayout } from "./records.ts";
import { readTarFiles } from "./tar_archive.ts";

/** Names of the fine classes in the order of the labels, as in `fine_label_names.txt`. */
export const CIFAR100_CLASSES: readonly string[] = (
  "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus " +
  "butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch " +
  "crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo " +
  "keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse " +
  "mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy " +
  "porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper " +
  "snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television " +
  "tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
).split(" ");

const LAYOUT: RecordLayout = { labelBytes: 2, labelByte: 1, classes: 100, side: 32 };
const FILES: Readonly<Record<Split, string>> = {
  train: "cifar-100-binary/train.bin",
  test: "cifar-100-binary/test.bin",
};
const MAXIMUM_RECORDS: Readonly<Record<Split, number>> = { train: 50_000, test: 10_000 };
const MAXIMUM_UNPACKED_BYTES = 200e6;

/** CIFAR-100 from an archive. Image i is record i of the split's file. */
export function cifar100(options: ArchiveOptions): DataSet {
  return {
    name: "cifar100",
    height: LAYOUT.side,
    width: LAYOUT.side,
    classNames: CIFAR100_CLASSES,
    provenance: options.provenance,
    batches: (split) => countImages(readBatches(options.path, split), split, options),
  };
}

async function* readBatches(path: string, split: Split): AsyncGenerator<ImageBatch> {
  const files = readTarFiles(path, {
    names: [FILES[split]],
    maximumFileBytes: MAXIMUM_RECORDS[split] * recordBytes(LAYOUT),
    maximumUnpackedBytes: MAXIMUM_UNPACKED_BYTES,
  });
  for await (const file of files) yield* readRecords(path, file, LAYOUT);
}
