/**
 * Why a run leaves an instance as it is.
 *
 * @module
 */

/** An instance is not up to date, and why; not an error of the engine. */
export class NotDone extends Error {
  override readonly name = "NotDone";
  readonly outcome: "failed" | "skipped";

  constructor(outcome: "failed" | "skipped", reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.outcome = outcome;
  }
}
