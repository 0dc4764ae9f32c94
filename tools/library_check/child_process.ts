/**
 * Starting the program that computes cases, under an allocator that checks, and following it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { lastLine } from "../../lib/base/child.ts";
import { StallTimer } from "../../lib/base/stall_timer.ts";
import { CHECKING_ALLOCATOR } from "../../lib/tensorflow/machine/checking_allocator.ts";
import { INSTRUCTION_SET_VARIABLE } from "../../lib/tensorflow/variables.ts";
import type { Case } from "./case.ts";
import type { Answer, Greeting, Task, Way } from "./child.ts";

/** Who computes, and how. */
export interface Setting {
  /** Holds the TensorFlow library. */
  readonly folder: string;
  readonly way: Way;
  readonly threads: number;
  /** A value for `ONEDNN_MAX_CPU_ISA`; undefined leaves the environment's. */
  readonly instructionSet?: string;
}

/** How far a child came. */
export interface Run {
  /** Of the cases in order, as far as it came. */
  readonly answers: readonly Answer[];
  /** Whether its allocator noticed what is written behind a block. */
  readonly allocatorChecks: boolean;
  /** What ended it, e.g. "ended by SIGABRT"; null if it came to its end. */
  readonly ending: string | null;
}

/** How long a child may take for one case: a hang is as bad as a crash. */
const SILENCE_MS = 120_000;

/**
 * Computes cases in a child process.
 *
 * @throws {Error} if the process does not get as far as the first case.
 */
export async function runChild(cases: readonly Case[], setting: Setting): Promise<Run> {
  const { instructionSet, ...task } = setting;
  const program = fileURLToPath(new URL("./child.ts", import.meta.url));
  const child = spawn(process.execPath, ["run", "-A", "--quiet", program], {
    env: {
      ...process.env,
      ...CHECKING_ALLOCATOR,
      CUDA_VISIBLE_DEVICES: "-1",
      ...instructionSet === undefined ? {} : { [INSTRUCTION_SET_VARIABLE]: instructionSet },
    },
  });
  const closed = once(child, "close");
  let complaints = "";
  child.stderr.on("data", (text) => complaints += text);
  child.stdin.on("error", () => {}); // Of a process that is gone; its end tells why.
  child.stdin.end(JSON.stringify({ ...task, cases } satisfies Task));
  using timer = new StallTimer(SILENCE_MS);
  timer.signal.addEventListener("abort", () => child.kill("SIGKILL"));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    timer.reset();
  }
  const [code, signal] = await closed;
  if (lines.length === 0) {
    throw new Error(`Cannot compute cases as the library does not start: ${lastLine(complaints)}`);
  }
  const [greeting, ...answers] = lines.map((line) => JSON.parse(line)) as [Greeting, ...Answer[]];
  const ending = timer.signal.aborted
    ? `silent for ${SILENCE_MS / 1000} s`
    : signal !== null
    ? `ended by ${signal}`
    : code !== 0
    ? `ended with status ${code}: ${lastLine(complaints)}`
    : null;
  return { answers, allocatorChecks: greeting.allocatorChecks, ending };
}
