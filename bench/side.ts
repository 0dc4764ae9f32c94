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

/** A running side; it ends when it is disposed of. */
export interface Side extends Disposable {
  /** What it is. */
  readonly description: string;
  /** Has one round done. @returns What it measured. */
  measure(): Promise<string>;
}

/** Starts a script of this folder. @throws {Error} if it ends instead of answering. */
export async function startSide(script: string, args: readonly string[]): Promise<Side> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ["run", "-A", "--quiet", path, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`Cannot measure as ${script} must answer: it ended instead`);
    return value;
  };
  const description = await answer();
  return {
    description,
    async measure() {
      child.stdin.write("\n");
      return await answer();
    },
    [Symbol.dispose]: () => void child.stdin.end(),
  };
}
