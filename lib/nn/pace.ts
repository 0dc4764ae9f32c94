/**
 * How fast a run goes, for its remaining time.
 *
 * @module
 */

/** Steps over which the mean forgets. */
const MEMORY = 100;

/** The recent mean of durations; the first one is left out, as it includes recording the step. */
export class Pace {
  #count = -1;
  #mean = 0;

  /** Seconds a step; `null` until two steps were measured. */
  get secondsPerStep(): number | null {
    return this.#count > 0 ? this.#mean : null;
  }

  /** Takes the duration of a step, in seconds. */
  add(seconds: number): void {
    this.#count++;
    if (this.#count > 0) this.#mean += (seconds - this.#mean) / Math.min(this.#count, MEMORY);
  }
}
