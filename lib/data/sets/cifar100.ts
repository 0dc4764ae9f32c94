/**
 * CIFAR-100 with its fine labels in the official binary layout, `cifar-100-binary.tar.gz`.
 *
 * Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. Records: a coarse and
 * a fine label byte (0-99) and 32x32 pixels as red, green and blue planes.
 *
 * @module
 */
import type { DataSet } from "./data_set.ts";
import type { ArchiveOptions } from "./image_counts.ts";
import { type RecordArchive, recordDataSet } from "./records.ts";

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

const CIFAR100: RecordArchive = {
  name: "cifar100",
  classNames: CIFAR100_CLASSES,
  layout: { labelBytes: 2, labelByte: 1, classes: 100, side: 32 },
  files: { train: ["cifar-100-binary/train.bin"], test: ["cifar-100-binary/test.bin"] },
  maximumRecordsPerFile: { train: 50_000, test: 10_000 },
};

/** CIFAR-100 from an archive. Image i is record i of the split's file. */
export function cifar100(options: ArchiveOptions): DataSet {
  return recordDataSet(CIFAR100, options);
}
