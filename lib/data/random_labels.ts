/**
 * Labels to train on: the true ones, partly or entirely replaced by random ones. Letters: n
 * samples, B views per sample, C classes.
 *
 * @module
 */
import type { RandomSource } from "../random/random.ts";

/** How labels are replaced. */
export interface RandomLabelOptions {
  /** p in [0, 1]: exactly floor(n (1 - p)) samples keep their true label. */
  readonly noise: number;
  /**
   * The number of classes to draw from; a redraw may hit the true class. `"per-sample"` gives each
   * sample a class of its own, its row number (Fig. 8's extreme).
   */
  readonly classes: number | "per-sample";
  /** Draws which samples keep their label ("noise") and the labels ("labels"). */
  readonly random: RandomSource;
}

/**
 * Replaces labels as the authors' code does: which samples stay true is drawn without
 * replacement, all others get a label that is uniform over the classes, drawn once for the run.
 * The label of a sample depends on the seed and its row, not on p.
 *
 * @param trueLabels The true classes, [n].
 * @returns The labels to train on, [n].
 * @throws {RangeError} if p is outside [0, 1], or true labels are kept that the classes lack.
 */
export function randomizeLabels(trueLabels: Int32Array, options: RandomLabelOptions): Int32Array {
  const { noise, classes, random } = options;
  const n = trueLabels.length;
  const kept = Math.floor(n * (1 - noise) + 1e-9);
  checkOptions(trueLabels, options, kept);
  if (classes === "per-sample") return Int32Array.from({ length: n }, (_, row) => row);
  const labels = Int32Array.from(
    { length: n },
    (_, row) => random.stream("labels", row).integer(classes),
  );
  for (const row of random.stream("noise").permutation(n).subarray(0, kept)) {
    labels[row] = trueLabels[row];
  }
  return labels;
}

/** Independent random labels for every view of every sample (the capacity experiment), [n, B]. */
export function randomViewLabels(
  samples: number,
  views: number,
  classes: number,
  random: RandomSource,
): Int32Array {
  return Int32Array.from(
    { length: samples * views },
    (_, i) => random.stream("view labels", Math.floor(i / views), i % views).integer(classes),
  );
}

/** The number of classes that a choice stands for. */
export function classCount(classes: number | "per-sample", samples: number): number {
  return classes === "per-sample" ? samples : classes;
}

function checkOptions(
  trueLabels: Int32Array,
  { noise, classes }: RandomLabelOptions,
  kept: number,
): void {
  if (!(noise >= 0 && noise <= 1)) {
    throw new RangeError(
      `Cannot randomize labels as 'noise' must be between 0 and 1: current value is ${noise}`,
    );
  }
  if (classes === "per-sample") {
    if (kept === 0) return;
    throw new RangeError(
      `Cannot give each sample a class of its own as no true label can be kept then: ` +
        `'noise' must be 1, current value is ${noise}`,
    );
  }
  const largest = trueLabels.reduce((max, label) => Math.max(max, label), -1);
  if (kept > 0 && largest >= classes) {
    throw new RangeError(
      `Cannot keep true labels as 'classes' must be above all of them: current value is ` +
        `${classes}, the largest label is ${largest}`,
    );
  }
}
