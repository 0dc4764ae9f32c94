/**
 * A side of a comparison that is a Deno process of its own, as the native library keeps the number
 * of threads with which it was opened first. It prints a line that says what it is, and then, for
 * each line on its standard input, a line with what it measured in a round.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** A running side; it ends when it is disposed of. */
export interface Side extends Disposable {
  /** What it is. */
  readonly description: string;
  readonly pid: number;
  /** How it ended, once it has: a signal or a status. */
  readonly ended: Promise<string>;
  /** Has one round done. @returns What it measured. */
  measure(): Promise<string>;
}

/** Settings of {@link startSide}. */
export interface SideOptions {
  /** Environment variables on top of this process's. */
  env?: Record<string, string>;
}

/** Characters of stderr that are kept to say why a side has ended. */
const LAST_WORDS = 4000;

/** Starts a script of this folder. @throws {Error} if it ends instead of answering. */
export async function startSide(
  script: string,
  args: readonly string[],
  { env = {} }: SideOptions = {},
): Promise<Side> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ["run", "-A", "--quiet", path, ...args], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let words = "";
  child.stderr.on("data", (chunk) => words = (words + chunk).slice(-LAST_WORDS));
  const ended = new Promise<string>((resolve) =>
    child.on("close", (code, signal) => resolve(signal ?? `status ${code}`))
  );
  // A side that has ended is reported by its missing answer.
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (!done) return value;
    throw new Error(
      `Cannot measure as ${script} must answer: it ended by ${await ended}; ` +
        `it said: ${errorIn(words) || "nothing"}`,
    );
  };
  const description = await answer();
  return {
    description,
    pid: child.pid!,
    ended,
    async measure() {
      child.stdin.write("\n");
      return await answer();
    },
    [Symbol.dispose]: () => void child.stdin.end(),
  };
}

/** What a program that failed has said: the message of an uncaught error, else its last line. */
export function errorIn(stderr: string): string {
  const text = stripVTControlCharacters(stderr).trim();
  const message = /^error: (?:Uncaught )?(?:\(in promise\) )?(?:\w*Error: )?(.*)/m.exec(text)?.[1];
  return message ?? text.split("\n").at(-1)!;
}
