/**
 * What the runner prints: one line per file, the output of those that failed, and the sums.
 *
 * @module
 */
import { formatSeconds } from "../../lib/base/format.ts";
import type { Outcome, TestRun } from "./test_process.ts";

/** Adds up the outcomes of a run of tests. */
export class Report {
  #passed = 0;
  #failed = 0;
  #ignored = 0;
  readonly #failures: string[] = [];
  readonly #start = performance.now();

  /** @param instructionSets That native code is tested under. */
  constructor(private readonly instructionSets: readonly string[]) {}

  get failed(): number {
    return this.#failed;
  }

  /** Passes on what a test file prints. */
  show(text: string): void {
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  }

  /** Takes a file's outcome, whose output may have been shown already. */
  add(run: TestRun, outcome: Outcome, { isShown }: { isShown: boolean }): void {
    this.#passed += outcome.passed;
    this.#failed += outcome.failed;
    this.#ignored += outcome.ignored;
    const line = `${describe(run, outcome)} (${formatSeconds(outcome.seconds)})`;
    if (outcome.failed === 0) return console.log(`ok      ${line}`);
    if (!isShown) this.show(`\n${outcome.output.trimEnd()}\n`);
    console.log(`FAILED  ${line}`);
    this.#failures.push(line);
  }

  /** Prints the sums. */
  end(): void {
    const lines = [
      "",
      ...this.#failures.map((line) => `FAILED  ${line}`),
      ...this.instructionSets.map((name) => `native code ran under: ${name}`),
      `${countsOf(this.#passed, this.#failed, this.#ignored)} ` +
      `(${formatSeconds((performance.now() - this.#start) / 1000)})`,
    ];
    console.log(lines.join("\n"));
  }
}

function describe({ file, env = {} }: TestRun, outcome: Outcome): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value} `);
  const problem = outcome.problem === null ? "" : ` ${outcome.problem}`;
  const { passed, failed, ignored } = outcome;
  return `${settings.join("")}${file}${problem}: ${countsOf(passed, failed, ignored)}`;
}

function countsOf(passed: number, failed: number, ignored: number): string {
  return `${passed} passed, ${failed} failed` + (ignored === 0 ? "" : `, ${ignored} ignored`);
}
