/**
 * The statistical tests that compare our draws with torchvision's. Each has a false-alarm rate of
 * 1e-4; seeds are fixed, so that a test that passes once passes always.
 *
 * @module
 */

/** The standard normal's upper 1e-4 quantile. */
const NORMAL_QUANTILE = 3.719;
/** The asymptotic Kolmogorov distribution's upper 1e-4 quantile: sqrt(-ln(1e-4 / 2) / 2). */
const KOLMOGOROV_QUANTILE = 2.225;

/** The upper 1e-4 quantile of chi-square, by Wilson and Hilferty's approximation. */
function chiSquareQuantile(freedom: number): number {
  const spread = 2 / (9 * freedom);
  return freedom * (1 - spread + NORMAL_QUANTILE * Math.sqrt(spread)) ** 3;
}

/**
 * Whether two samples of counts can come from one distribution: Pearson's test of homogeneity.
 * Neighbouring cells are joined until each holds at least 20.
 */
export function haveSameDistribution(first: number[], second: number[]): boolean {
  const cells: [number, number][] = [];
  let open: [number, number] = [0, 0];
  first.forEach((count, i) => {
    open = [open[0] + count, open[1] + second[i]];
    if (Math.min(...open) >= 20) {
      cells.push(open);
      open = [0, 0];
    }
  });
  if (cells.length > 0) cells.push([0, 1].map((k) => cells.at(-1)![k] + open[k]) as typeof open);
  if (cells.length > 1) cells.splice(-2, 1);
  const totals = [0, 1].map((k) => cells.reduce((sum, cell) => sum + cell[k], 0));
  let statistic = 0;
  for (const cell of cells) {
    for (const k of [0, 1]) {
      const expected = (cell[0] + cell[1]) * totals[k] / (totals[0] + totals[1]);
      statistic += (cell[k] - expected) ** 2 / expected;
    }
  }
  return cells.length > 1 && statistic < chiSquareQuantile(cells.length - 1);
}

/** Whether counts can come from the uniform distribution: Pearson's test. */
export function areUniform(counts: number[]): boolean {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return statistic < chiSquareQuantile(counts.length - 1);
}

/**
 * Whether a sample can come from the distribution that another one of `size` numbers has these
 * equidistant quantiles of (the least and the greatest included): the Kolmogorov-Smirnov distance
 * at the quantiles, which is at most the full one.
 */
export function haveQuantiles(sample: number[], quantiles: number[], size: number): boolean {
  const sorted = sample.toSorted((a, b) => a - b);
  const steps = quantiles.length - 1;
  const distance = Math.max(
    ...quantiles.slice(1, -1).map((quantile, i) => {
      const below = sorted.findIndex((value) => value > quantile) / sorted.length;
      return Math.abs(below - (i + 1) / steps);
    }),
  );
  return distance < KOLMOGOROV_QUANTILE * Math.sqrt(1 / sample.length + 1 / size);
}

/** Whether a frequency can come from a probability: the normal approximation, two-sided. */
export function hasProbability(hits: number, trials: number, probability: number): boolean {
  const deviation = Math.sqrt(trials * probability * (1 - probability));
  return Math.abs(hits - trials * probability) < 3.891 * deviation;
}
