/**
 * How long a list of checks will still take: what is expected of each, corrected by how those that
 * are done compared with it.
 *
 * @module
 */
import type { CheckEntry, Scale } from "./check.ts";

/** Follows the checks of one run. */
export class TimeLeft {
  #expected = 0;
  #spent = 0;

  /** Takes note of a check that ended by itself. */
  add({ expectedSeconds }: CheckEntry, scale: Scale, seconds: number): void {
    this.#expected += expectedSeconds[scale];
    this.#spent += seconds;
  }

  /** Seconds that these will take, no more than their limits and the `seconds` that are left. */
  of(entries: readonly CheckEntry[], scale: Scale, seconds: number): number {
    const pace = this.#expected === 0 ? 1 : this.#spent / this.#expected;
    const sum = entries.reduce(
      (sum, { expectedSeconds, limitSeconds }) =>
        sum + Math.min(limitSeconds, pace * expectedSeconds[scale]),
      0,
    );
    return Math.min(sum, seconds);
  }
}
