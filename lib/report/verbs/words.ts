/**
 * Words after a verb.
 *
 * @module
 */
import { PipelineError } from "../../pipeline/base/errors.ts";

/** @throws {PipelineError} if there are any. */
export function takeNoWords(verb: string, words: readonly string[]): void {
  if (words.length > 0) {
    throw new PipelineError(`"${verb}" takes no words: current value is ${words.join(" ")}`);
  }
}
