/** Whole splits in memory, to compare with. */
import type { DataSet, ImageSet, Split } from "../../lib/data/sets/data_set.ts";
import { concat } from "./archives.ts";

/** Reads the images of a split in the order of the data set. */
export async function readSplit(dataSet: DataSet, split: Split): Promise<ImageSet> {
  const batches = await Array.fromAsync(dataSet.batches(split));
  const { height, width, classNames, provenance } = dataSet;
  return {
    images: concat(...batches.map(({ images }) => images)),
    labels: Int32Array.from(batches.flatMap(({ labels }) => [...labels])),
    height,
    width,
    classNames,
    provenance,
  };
}
