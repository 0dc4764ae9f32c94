/**
 * The choice of a training set from all training images.
 *
 * @module
 */
import type { RandomSource } from "../random/random.ts";

/** How many samples to draw, and by which chance. */
export interface DrawOptions {
  /** n; `null` takes every row, in order. */
  readonly samples: number | null;
  /** The source of the streams "samples", class. */
  readonly random: RandomSource;
}

/**
 * Draws the rows of a training set without replacement. Classes take turns, so that each has as many
 * samples as any other, as in the paper's data sets; a class without rows left is passed over. Fewer
 * samples are the first of more.
 *
 * Each seed has a draw of its own: what is found with several seeds then holds beyond one choice of
 * training images.
 *
 * @param labels The true classes, [N].
 * @returns Rows, [n].
 * @throws {RangeError} if more samples are asked for than there are rows.
 */
export function drawSamples(
  labels: Int32Array,
  { samples, random }: DrawOptions,
): Int32Array<ArrayBuffer> {
  const all = Int32Array.from(labels, (_, row) => row);
  if (samples === null) return all;
  if (samples > labels.length) {
    throw new RangeError(
      `Cannot draw the training set as there are only ${labels.length}: current value of ` +
        `"samples" is ${samples}`,
    );
  }
  const classes = [...Map.groupBy(all, (row) => labels[row])].sort(([a], [b]) => a - b);
  const pools = classes.map(([label, rows]) => {
    random.stream("samples", label).shuffle(rows);
    return rows;
  });
  const turns = Math.max(...pools.map((rows) => rows.length));
  const order = Array.from(
    { length: turns },
    (_, turn) => pools.flatMap((rows) => rows[turn] ?? []),
  );
  return Int32Array.from(order.flat().slice(0, samples));
}
