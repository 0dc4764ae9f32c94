/**
 * Page's test for ordered alternatives: whether values rise along ordered points, block by block
 * (Page 1963). Blocks may differ in level and in scale, as seeds do; every point counts.
 *
 * @module
 */

/** The outcome of {@linkcode pageTrend}. */
export interface PageTrend {
  /** Page's L: the sum over blocks of position times rank. */
  readonly statistic: number;
  /** One-sided: the chance of an L at least as large if a block's order were random. */
  readonly rising: number;
  /** One-sided: the chance of an L at most as large. */
  readonly falling: number;
  /** The rank correlation of each block with the order of the points, from -1 to 1; 0 if all are equal. */
  readonly correlations: readonly number[];
}

/** The exact distribution goes through all subsets of a block's ranks. */
const MOST_POINTS = 12;

/**
 * Tests for a trend along ordered points, exactly: the distribution of L is that of all orders of
 * each block's ranks. Equal values share the mean of their ranks.
 *
 * @param blocks One row per block, one column per point in the order of the alternative; 2 to 12 points.
 * @throws {RangeError} if there is no block, or blocks differ in length or have too few or too many
 * points.
 */
export function pageTrend(blocks: readonly (readonly number[])[]): PageTrend {
  const points = blocks[0]?.length ?? 0;
  if (points < 2 || points > MOST_POINTS || blocks.some((block) => block.length !== points)) {
    throw new RangeError(
      `Cannot test for a trend as each block must have the same 2 to ${MOST_POINTS} points: ` +
        `current value is [${blocks.map((block) => block.length)}] points`,
    );
  }
  const ranks = blocks.map(doubledRanks);
  const observed = ranks.map((row) => row.reduce((sum, rank, i) => sum + (i + 1) * rank, 0));
  const total = observed.reduce((sum, value) => sum + value, 0);
  const distribution = ranks.map(orders).reduce(convolve);
  const chance = (counts: (value: number) => boolean) =>
    [...distribution].reduce((sum, [value, share]) => counts(value) ? sum + share : sum, 0);
  return {
    statistic: total / 2,
    rising: chance((value) => value >= total),
    falling: chance((value) => value <= total),
    correlations: ranks.map(rankCorrelation),
  };
}

/** Twice the ranks from 1, which are whole numbers where ranks are shared, too. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 2 * below + equal + 1;
  });
}

/** The distribution of the sum of position times rank over all orders of the ranks. */
function orders(ranks: readonly number[]): Map<number, number> {
  const sets = 2 ** ranks.length;
  const reached = Array.from({ length: sets }, () => new Map<number, number>());
  reached[0].set(0, 1);
  for (let set = 0; set < sets - 1; set++) {
    const free = ranks.flatMap((rank, i) => set & 1 << i ? [] : [{ rank, i }]);
    const position = ranks.length - free.length + 1;
    for (const { rank, i } of free) {
      const next = reached[set | 1 << i];
      for (const [sum, share] of reached[set]) {
        const value = sum + position * rank;
        next.set(value, (next.get(value) ?? 0) + share / free.length);
      }
    }
    reached[set].clear();
  }
  return reached[sets - 1];
}

/** The distribution of the sum of two independent values. */
function convolve(a: Map<number, number>, b: Map<number, number>): Map<number, number> {
  const sums = new Map<number, number>();
  for (const [x, shareX] of a) {
    for (const [y, shareY] of b) sums.set(x + y, (sums.get(x + y) ?? 0) + shareX * shareY);
  }
  return sums;
}

/** Pearson's correlation of ranks with positions. */
function rankCorrelation(ranks: readonly number[]): number {
  const middle = (ranks.length + 1) / 2;
  let both = 0, rank = 0, position = 0;
  ranks.forEach((value, i) => {
    both += (value - 2 * middle) * (i + 1 - middle);
    rank += (value - 2 * middle) ** 2;
    position += (i + 1 - middle) ** 2;
  });
  return rank === 0 ? 0 : both / Math.sqrt(rank * position);
}
