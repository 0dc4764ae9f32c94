/**
 * INIT: the probing accuracy of untrained networks.
 *
 * @module
 */
import { isMain } from "./conditions.ts";
import type { ReportInput } from "./input.ts";
import { initKnn } from "./measures.ts";

/**
 * One value per seed, by ascending seed. Conditions of one seed start from the same weights; where
 * their INIT differs all the same, the seed counts with their mean.
 */
export function initBySeed({ runs }: Pick<ReportInput, "runs">): number[] {
  const bySeed = Map.groupBy(runs.filter(isMain), ({ axes }) => Number(axes.seed));
  return [...bySeed].sort(([a], [b]) => a - b).map(([, group]) =>
    group.map(initKnn).reduce((sum, value) => sum + value, 0) / group.length
  );
}
