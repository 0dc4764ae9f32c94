/**
 * Near misses: what a user probably meant by an unknown name.
 *
 * @module
 */
// @ts-types="@types/damerau-levenshtein"
import compare from "damerau-levenshtein";

/** The candidate that is closest to `name`, if it is close enough to be a slip. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  // Names of one letter, and numbers, have no slips: any two of them are alike.
  const limit = name.length === 1 || /^\d+$/.test(name)
    ? 0
    : Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    // Swapped neighbours are one slip, as a wrong letter is.
    const { steps } = compare(name.toLowerCase(), candidate.toLowerCase());
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps];
  }
  return best;
}

/** "did you mean ...?" for a near miss, else the list of what there is. */
export function suggestion(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates);
  if (near !== undefined) return `did you mean "${near}"?`;
  return candidates.length > 0 ? `there is ${candidates.join(", ")}` : "there is none";
}
