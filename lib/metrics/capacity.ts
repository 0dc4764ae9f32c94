/**
 * Capacity: the largest sample that a model fits within its budget of steps (paper, Definition D.1
 * and Fig. 5, right).
 *
 * @module
 */

/** How well one training run fitted its labels. */
export interface FitMeasurement {
  /** n, the number of samples. */
  readonly samples: number;
  /** B, the number of views per sample, each with its own label. */
  readonly views: number;
  /** The share of the n B training points whose label the trained network predicts, in [0, 1]. */
  readonly fit: number;
}

/** The capacity that the measurements show at one number of views. */
export interface Capacity {
  /** B. */
  readonly views: number;
  /** The largest n that every run at this n and B fitted; 0 if there is none. */
  readonly samples: number;
  /** n B: the number of points fitted, the paper's effective sample size. */
  readonly points: number;
  /** The smallest larger n that some run did not fit; null if none was tried: a lower bound only. */
  readonly firstUnfitted: number | null;
}

/**
 * The capacity for each number of views. The definition demands that *all* labelings be fitted: a
 * sample size counts as fitted only if every run at it (every seed) reached the threshold.
 *
 * @param measurements Any number of runs, in any order.
 * @param threshold The fit that counts as memorised, in (0, 1]. @default {0.99}
 * @returns One entry for each B, ascending.
 */
export function capacities(
  measurements: readonly FitMeasurement[],
  threshold = 0.99,
): Capacity[] {
  const byViews = Map.groupBy(measurements, ({ views }) => views);
  return [...byViews]
    .sort(([a], [b]) => a - b)
    .map(([views, runs]) => capacityAt(views, runs, threshold));
}

function capacityAt(views: number, runs: readonly FitMeasurement[], threshold: number): Capacity {
  const unfitted = new Set(runs.filter(({ fit }) => !(fit >= threshold)).map((run) => run.samples));
  const fitted = runs.map((run) => run.samples).filter((samples) => !unfitted.has(samples));
  const samples = Math.max(0, ...fitted);
  const larger = [...unfitted].filter((count) => count > samples);
  return {
    views,
    samples,
    points: samples * views,
    firstUnfitted: larger.length === 0 ? null : Math.min(...larger),
  };
}
