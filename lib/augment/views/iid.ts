/**
 * The i.i.d. "augmentation" of the paper's Table 4: a view of a sample is not a transformation of
 * it but another, independent image of the same true class.
 *
 * @module
 */
import type { RandomSource } from "../../random/random.ts";

/** The size of the pools. */
export interface IidOptions {
  /** B, the number of views per sample, itself among them. @default {50} */
  readonly views?: number;
  /** The number of samples of each class. @default {100} */
  readonly samplesPerClass?: number;
}

/** The rows of a data set that serve as the views of its chosen samples. */
export interface IidPools {
  /** s, the number of samples. */
  readonly samples: number;
  /** B, the number of views per sample. */
  readonly views: number;
  /**
   * The rows, [B, s]: view 0 is the sample itself. Samples take turns between the classes. No row
   * stands twice, so that samples share no image.
   */
  readonly rows: Int32Array<ArrayBuffer>;
}

/**
 * Draws the samples and their pools. More views only append rows to those of fewer: the samples and
 * the first views of each stay what they were. With the defaults, each of ten classes gives 100 samples and
 * 49 further images for each of them: 5000 images of a class, all that CIFAR-10 has.
 *
 * @param labels The true classes, one a row of the data set, [n].
 * @param random The source of the streams "iid", class.
 * @throws {RangeError} If a class has too few images.
 */
export function iidPools(
  labels: ArrayLike<number>,
  random: RandomSource,
  { views = 50, samplesPerClass = 100 }: IidOptions = {},
): IidPools {
  const rowsOfClass = new Map<number, number[]>();
  for (let row = 0; row < labels.length; row++) {
    const rows = rowsOfClass.get(labels[row]);
    if (rows === undefined) rowsOfClass.set(labels[row], [row]);
    else rows.push(row);
  }
  const classes = [...rowsOfClass.keys()].sort((a, b) => a - b);
  const pools = classes.map((label) => {
    const rows = rowsOfClass.get(label) as number[];
    checkCount(label, rows.length, views, samplesPerClass);
    random.stream("iid", label).shuffle(rows);
    return rows;
  });
  return {
    samples: classes.length * samplesPerClass,
    views,
    rows: Int32Array.from(
      { length: classes.length * samplesPerClass * views },
      (_, i) => pools[i % classes.length][Math.floor(i / classes.length)],
    ),
  };
}

function checkCount(label: number, count: number, views: number, samplesPerClass: number): void {
  const needed = views * samplesPerClass;
  if (count >= needed) return;
  throw new RangeError(
    `Cannot draw i.i.d. views as class ${label} must have ${samplesPerClass} samples x ` +
      `${views} views = ${needed} images: current value is ${count}. ` +
      "Lower the number of views or of samples a class",
  );
}
