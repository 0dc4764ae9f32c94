/**
 * What became of a test file: from what it printed and how its process ended.
 *
 * @module
 */
import { type Tally, tallyOf } from "./tally.ts";

/** The tests of a file by what became of them. */
export interface Verdict {
  readonly passed: number;
  /** Tests that did not pass; at least 1 if there is a problem. */
  readonly failed: number;
  readonly ignored: number;
  /** How the process ended, if not by running all tests. */
  readonly problem: string | null;
}

/**
 * Judges a file.
 *
 * @param printed All that the process printed to stdout.
 * @param ending What the runner did to end it; null if it ended by itself.
 */
export function verdictOn(
  printed: string,
  status: Deno.CommandStatus,
  ending: string | null,
): Verdict {
  const tally = tallyOf(printed);
  const problem = ending ?? problemOf(status, tally);
  const { passed, ignored, running } = tally;
  return {
    passed,
    failed: failedOf(tally, problem),
    ignored,
    problem: problem && problem + (running === null ? "" : ` in "${running}"`),
  };
}

/** Why a process that ended has not run its tests as it should; null if it has. */
function problemOf({ signal, code }: Deno.CommandStatus, tally: Tally): string | null {
  if (signal !== null) return `was ended by ${signal}`;
  if (!tally.isComplete) return `ended with status ${code} before its tests did`;
  if (tally.planned === null && tally.failed === 0 && tally.filteredOut === 0) {
    return `ended with status ${code} before it defined a test`;
  }
  if (code !== 0 && tally.failed === 0) return `ended with status ${code}`;
  return null;
}

/** In a file with a problem, whatever has not passed has failed. */
function failedOf({ planned, passed, failed, ignored }: Tally, problem: string | null): number {
  if (problem === null) return failed;
  return Math.max(1, failed, (planned ?? 0) - passed - ignored);
}
