/**
 * How fast a run goes, and so how long it will take.
 *
 * @module
 */

/** Steps over which the mean forgets. */
const MEMORY = 100;

/** The recent mean of the steps' durations, and the last evaluation's. */
export class Pace {
  /** The first step is left out, as it includes the recording. */
  #steps = -1;
  #secondsPerStep = 0;
  #secondsPerEvaluation = 0;

  /** `null` until two steps were measured. */
  get secondsPerStep(): number | null {
    return this.#steps > 0 ? this.#secondsPerStep : null;
  }

  /** Takes the duration of a step, in seconds. */
  addStep(seconds: number): void {
    this.#steps++;
    if (this.#steps > 0) {
      this.#secondsPerStep += (seconds - this.#secondsPerStep) / Math.min(this.#steps, MEMORY);
    }
  }

  /** Takes the duration of an evaluation, in seconds. */
  addEvaluation(seconds: number): void {
    this.#secondsPerEvaluation = seconds;
  }

  /** Seconds for so many steps and evaluations; `null` until two steps were measured. */
  secondsFor(work: { steps: number; evaluations: number }): number | null {
    const { secondsPerStep } = this;
    if (secondsPerStep === null) return null;
    return work.steps * secondsPerStep + work.evaluations * this.#secondsPerEvaluation;
  }
}
