/**
 * Runs one test file in a process of its own, so that a crash of native code, an early exit or a
 * hang costs that file and no other.
 *
 * @module
 */
import { killGroup } from "../../lib/base/child.ts";
import { formatSeconds } from "../../lib/base/format.ts";
import { type Verdict, verdictOn } from "./verdict.ts";

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
export interface Outcome extends Verdict {
  readonly output: string;
  readonly seconds: number;
}

/** Settings of {@link runTestFile}. */
export interface TestProcessOptions {
  /** Kills the process, e.g. as it takes too long. */
  readonly signal: AbortSignal;
  /** Hears the output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/** For the output of processes that left the group and outlive the test file. */
const OUTPUT_GRACE_MS = 10_000;

/** Runs a file to its end, whatever that is. */
export async function runTestFile(
  run: TestRun,
  { signal, onOutput }: TestProcessOptions,
): Promise<Outcome> {
  const start = performance.now();
  const child = startDenoTest(run);
  const kill = () => killGroup(child.pid);
  signal.addEventListener("abort", kill);
  const output = new OutputReader(child, onOutput);
  const status = await child.status;
  signal.removeEventListener("abort", kill);
  kill();
  await output.end();
  const seconds = (performance.now() - start) / 1000;
  const ending = signal.aborted ? `was killed after ${formatSeconds(seconds)}` : null;
  return { ...verdictOn(output.printed, status, ending), output: output.all, seconds };
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
