/**
 * The choice of a training set's size.
 *
 * @module
 */

/**
 * The number of samples to take from the beginning of a data set.
 *
 * @param available The number that there are.
 * @param wanted The number that is asked for; `null` for all.
 * @throws {RangeError} if more are asked for than there are.
 */
export function sampleCount(available: number, wanted: number | null): number {
  const count = wanted ?? available;
  if (count <= available) return count;
  throw new RangeError(
    `Cannot take the first samples as there are only ${available}: current value of "samples" ` +
      `is ${wanted}`,
  );
}
