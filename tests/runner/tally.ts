/**
 * Reads what `deno test` (its "pretty" reporter) prints for one file, also where the process died
 * in the middle of it.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";

/** The tests of a file by what became of them. */
export interface Tally {
  /** How many tests the file was about to run; null if it ended before it said so. */
  readonly planned: number | null;
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
  /** Tests that do not match `--filter`. */
  readonly filteredOut: number;
  /** Whether the file ran to its end. */
  readonly isComplete: boolean;
  /** The test that began and did not end. */
  readonly running: string | null;
}

const PLAN = /^running (\d+) tests? from /;
const TEST = /^(\S.*?) \.\.\.(?: (?:(ok|FAILED|ignored|cancelled)\b.*)?)?$/;
const SUMMARY = /^(?:ok|FAILED) \| \d+ passed\b.* \| \d+ failed\b/;
/** What tests themselves print may look like anything; the reporter puts it between these lines. */
const PRINTED = { begin: "------- output -------", end: "----- output end -----" };

/** Reads the whole output of a file's process. */
export function tallyOf(output: string): Tally {
  const lines = reporterLines(stripVTControlCharacters(output));
  const tests = matches(lines, TEST).map(([, name, result]) => ({ name, result }));
  const plan = matches(lines, PLAN)[0];
  const summary = lines.findLast((line) => SUMMARY.test(line));
  const count = (word: string, results: string[] = []) =>
    summary === undefined
      ? tests.filter(({ result }) => results.includes(result)).length
      : Number(new RegExp(`(\\d+) ${word}\\b`).exec(summary)?.[1] ?? 0);
  const last = tests.at(-1);
  return {
    planned: plan === undefined ? null : Number(plan[1]),
    passed: count("passed", ["ok"]),
    failed: count("failed", ["FAILED", "cancelled"]),
    ignored: count("ignored", ["ignored"]),
    filteredOut: count("filtered out"),
    isComplete: summary !== undefined,
    running: last !== undefined && last.result === undefined ? last.name : null,
  };
}

/** The lines of the reporter itself. */
function reporterLines(text: string): string[] {
  let isPrinted = false;
  return text.split("\n").filter((line) => {
    if (line === PRINTED.begin) isPrinted = true;
    if (line === PRINTED.end) isPrinted = false;
    return !isPrinted;
  });
}

function matches(lines: readonly string[], pattern: RegExp): RegExpExecArray[] {
  return lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
}
