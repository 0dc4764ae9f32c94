/**
 * INIT: the probing accuracy of untrained networks.
 *
 * @module
 */
import { isMain } from "./conditions.ts";
import type { ReportInput } from "./input.ts";
import { cleanChance, initKnn } from "./measures.ts";

/** Of what INIT has above chance, the share that is too little to speak of learning or its loss. */
export const NEGLIGIBLE = 0.25;

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

/**
 * What INIT has above chance, a share: the unit of what training adds or costs. 0 where nothing was
 * probed.
 */
export function initExcess(input: Pick<ReportInput, "runs">): number {
  const init = initBySeed(input);
  const chance = cleanChance(input.runs);
  if (init.length === 0 || chance === undefined) return 0;
  return init.reduce((sum, value) => sum + value, 0) / init.length - chance;
}
