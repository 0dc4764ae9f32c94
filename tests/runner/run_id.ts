/**
 * What the files of one run of the tests have in common, though each has a process of its own.
 *
 * @module
 */

/** The environment variable in which the runner gives every run of the tests an id. */
export const RUN_ID_VARIABLE = "TEST_RUN_ID";

/** The id of the run of the tests that this file is a part of; of this process if it runs alone. */
export function runId(): string {
  return Deno.env.get(RUN_ID_VARIABLE) ?? String(Deno.pid);
}
