/**
 * Runs one test file in a process of its own, so that a crash of native code, an early exit or a
 * hang costs that file and no other.
 *
 * @module
 */
import { killGroup } from "../../lib/base/child.ts";
import { type Tally, tallyOf } from "./tally.ts";

/** A test file and how to run it. */
export interface TestRun {
  /** The path of the file. */
  readonly file: string;
  /** Runs only the tests whose names contain this, or match it if it is a `/pattern/`. */
  readonly filter?: string;
  /** Environment variables on top of the runner's own. */
  readonly env?: Record<string, string>;
}

/** What became of a file. */
export interface Outcome {
  readonly passed: number;
  /** Tests that did not pass; at least 1 if there is a problem. */
  readonly failed: number;
  readonly ignored: number;
  /** How the process ended, if not by running all tests. */
  readonly problem: string | null;
  readonly output: string;
  readonly seconds: number;
}

/** Settings of {@link runTestFile}. */
export interface TestProcessOptions {
  /** A file that takes longer is killed. */
  readonly limitSeconds: number;
  /** Hears the output as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Kills the process. */
  readonly signal?: AbortSignal;
}

/** For the output of processes that left the group and outlive the test file. */
const OUTPUT_GRACE_MS = 1000;

/** Runs a file to its end, whatever that is. */
export async function runTestFile(run: TestRun, options: TestProcessOptions): Promise<Outcome> {
  const start = performance.now();
  const child = startDenoTest(run);
  const kill = () => killGroup(child.pid);
  const limit = AbortSignal.timeout(options.limitSeconds * 1000);
  const stop = AbortSignal.any([limit, ...options.signal ? [options.signal] : []]);
  stop.addEventListener("abort", kill);
  const output = new OutputReader(child, options.onOutput);
  const status = await child.status;
  stop.removeEventListener("abort", kill);
  kill();
  await output.end();
  const tally = tallyOf(output.printed);
  const problem = limit.aborted
    ? `was killed after ${options.limitSeconds} s`
    : problemOf(status, tally);
  return {
    passed: tally.passed,
    failed: failedOf(tally, problem),
    ignored: tally.ignored,
    problem: problem && problem + (tally.running === null ? "" : ` in "${tally.running}"`),
    output: output.all,
    seconds: (performance.now() - start) / 1000,
  };
}

function startDenoTest({ file, filter, env }: TestRun): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--allow-all", "--no-check"],
      ...filter === undefined ? [] : [`--filter=${filter}`],
      file,
    ],
    env,
    // A process group: what a test starts and leaves behind ends with it.
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Why a process that ended has not run its tests as it should; null if it has. */
function problemOf(status: Deno.CommandStatus, tally: Tally): string | null {
  if (status.signal !== null) return `was ended by ${status.signal}`;
  if (!tally.isComplete) return `ended with status ${status.code} before its tests did`;
  if (tally.planned === null && tally.failed === 0 && tally.filteredOut === 0) {
    return `ended with status ${status.code} before it defined a test`;
  }
  if (status.code !== 0 && tally.failed === 0) return `ended with status ${status.code}`;
  return null;
}

/** In a file with a problem, whatever has not passed has failed. */
function failedOf(tally: Tally, problem: string | null): number {
  if (problem === null) return tally.failed;
  return Math.max(1, tally.failed, (tally.planned ?? 0) - tally.passed - tally.ignored);
}

/** Collects what a process prints. */
class OutputReader {
  /** On stdout. */
  printed = "";
  /** On stdout and stderr. */
  all = "";
  readonly #given = new AbortController();
  readonly #read: Promise<unknown>;

  constructor(child: Deno.ChildProcess, private readonly onOutput?: (text: string) => void) {
    this.#read = Promise.all([
      this.#take(child.stdout, (text) => this.printed += text),
      this.#take(child.stderr, () => {}),
    ]);
  }

  /** Waits for the rest, for a moment. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.#given.abort(), OUTPUT_GRACE_MS);
    await this.#read;
    clearTimeout(timer);
  }

  async #take(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    hear: (text: string) => void,
  ): Promise<void> {
    const write = (text: string) => {
      hear(text);
      this.all += text;
      this.onOutput?.(text);
    };
    await stream.pipeThrough(new TextDecoderStream())
      .pipeTo(new WritableStream({ write }), { signal: this.#given.signal })
      .catch((error) => {
        if (!this.#given.signal.aborted) throw error;
      });
  }
}
