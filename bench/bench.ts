/**
 * What a file `bench/*_bench.ts` exports, and the comparison that most of them are: our time
 * against that of another program which takes turns with us, so that whatever else the machine does
 * hits both.
 *
 * @module
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A hot path and its baseline. Each file exports `benches: Bench[]`. */
export interface Bench {
  /** The measurement's name; variants of `NAME` are called `NAME/VARIANT`. */
  readonly name: string;
  /** Measures, the two sides taking turns for that many rounds. */
  run(options: { rounds: number }): Promise<Measurement[]>;
}

/** One line of the output. */
export interface Measurement {
  /** What was measured. */
  readonly bench: string;
  /** Our time, the median over the rounds. */
  readonly ours: number;
  /** What it is compared with: program, version, settings. */
  readonly baseline: string;
  /** The baseline's time, the median over the rounds; null where it is not installed. */
  readonly theirs: number | null;
  /** The median over the rounds of ours / theirs; null where there is no baseline. */
  readonly ratio: number | null;
  readonly rounds: number;
  /** The times' unit. @default {"ms"} */
  readonly unit?: string;
  /** What a reader of the numbers should know, such as why a baseline is absent. */
  readonly note?: string;
}

/** What {@link compare} measures. */
export interface Comparison {
  readonly bench: string;
  readonly rounds: number;
  /** Does our part of one round and returns its time. */
  readonly ours: () => number | Promise<number>;
  readonly baseline: Baseline | Absence;
  readonly unit?: string;
  readonly note?: string;
}

/** A baseline that is not to be had here. */
export interface Absence {
  /** What it would be. */
  readonly absent: string;
  readonly reason: string;
}

/** Lets both sides take turns; a first turn of each is not counted. */
export async function compare(
  { bench, rounds, ours, baseline, unit, note }: Comparison,
): Promise<Measurement> {
  const present = baseline instanceof Baseline ? baseline : null;
  const ourTimes: number[] = [];
  const theirTimes: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    ourTimes.push(await ours());
    if (present !== null) theirTimes.push(await present.measure());
  }
  ourTimes.shift();
  theirTimes.shift();
  const measurement = { bench, ours: median(ourTimes), rounds, ...unit && { unit } };
  if (!(baseline instanceof Baseline)) {
    const { absent, reason } = baseline;
    const absence = { baseline: `${absent} (absent)`, theirs: null, ratio: null };
    return { ...measurement, ...absence, note: note ? `${note}; ${reason}` : reason };
  }
  return {
    ...measurement,
    baseline: baseline.description,
    theirs: median(theirTimes),
    ratio: median(ourTimes.map((time, round) => time / theirTimes[round])),
    ...note && { note },
  };
}

/** As {@link compare}, with both sides in this program. */
export async function takeTurns(
  { bench, rounds, ours, theirs, baseline, note }: {
    bench: string;
    rounds: number;
    ours: () => Promise<number>;
    theirs: () => Promise<number>;
    baseline: string;
    note: string;
  },
): Promise<Measurement[]> {
  await ours();
  await theirs();
  const times: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push({ ours: await ours(), theirs: await theirs() });
  }
  return [{
    bench,
    ours: median(times.map((time) => time.ours)),
    baseline,
    theirs: median(times.map((time) => time.theirs)),
    ratio: median(times.map((time) => time.ours / time.theirs)),
    rounds,
    note,
  }];
}

/** The middle of some numbers, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Another program that is measured. It prints one line that says what it is, and then, for each
 * line on its standard input, its time for one round.
 */
export class Baseline {
  /** Program, version, settings. */
  readonly description: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #complaint: () => string | undefined;

  private constructor(
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    lines: AsyncIterator<string>,
    complaint: () => string | undefined,
    description: string,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.#complaint = complaint;
    this.description = description;
  }

  /**
   * Starts a script of `bench/baselines/` with the Python that BENCH_PYTHON names, or `python3`.
   *
   * @param absent What the baseline is, to be said where it is not installed.
   * @param script The script's name.
   */
  static async python(
    absent: string,
    script: string,
    args: readonly string[] = [],
  ): Promise<Baseline | Absence> {
    const python = process.env.BENCH_PYTHON ?? "python3";
    const path = fileURLToPath(new URL(`./baselines/${script}`, import.meta.url));
    const child = spawn(python, [path, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    let complaints = "";
    child.stderr.on("data", (chunk) => complaints += chunk);
    const failure = new Promise<IteratorResult<string>>((resolve) => {
      child.on("error", (error) => {
        complaints = error.message;
        resolve({ done: true, value: undefined });
      });
    });
    // A program that has ended says why on stderr, and its missing answer is reported.
    child.stdin.on("error", () => {});
    const complaint = () => complaints.trim().split("\n").at(-1);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value, done } = await Promise.race([lines.next(), failure]);
    if (!done) return new Baseline(child, lines, complaint, value);
    return { absent, reason: `${python}: ${complaint()}; BENCH_PYTHON can name another Python` };
  }

  /**
   * Has one round done.
   *
   * @returns Its time.
   * @throws {Error} If the program answers with anything but a positive number.
   */
  async measure(): Promise<number> {
    this.#child.stdin.write("\n");
    const { value } = await this.#lines.next();
    const time = Number(value);
    if (!(time > 0)) {
      throw new Error(
        `Cannot measure ${this.description} as it must answer with a time: current value is ` +
          `${value}; it said: ${this.#complaint()}`,
      );
    }
    return time;
  }

  /** Lets the program end. */
  [Symbol.dispose](): void {
    this.#child.stdin.end();
  }
}
