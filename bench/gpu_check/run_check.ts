/**
 * Runs a check in a process of its own, for a bounded time.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { fileURLToPath } from "node:url";
import { killGroup } from "../../lib/base/child.ts";
import { linesOf } from "../../lib/pipeline/base/lines.ts";
import type { CheckEntry, CheckResult, Scale } from "./check.ts";
import type { ChildMessage, ChildTask } from "./child.ts";

/** What became of a check. */
export type Outcome =
  | { readonly kind: "done"; readonly seconds: number; readonly result: CheckResult }
  | { readonly kind: "failed"; readonly seconds: number; readonly reason: string };

/** How a check is run. */
export interface RunOptions {
  readonly scale: Scale;
  /** A check that takes longer is ended. */
  readonly limitSeconds: number;
  /** Environment variables on top of this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** Hears what the check says. */
  readonly say: (text: string) => void;
  /** Ends the check. */
  readonly signal: AbortSignal;
}

const PROGRAM = fileURLToPath(new URL("child.ts", import.meta.url));
/** Characters of stderr that are kept to say why a process died. */
const LAST_WORDS = 4000;

/** Runs a check to its end, whatever that is: it never throws. */
export async function runCheck(entry: CheckEntry, options: RunOptions): Promise<Outcome> {
  const start = performance.now();
  const task: ChildTask = { module: entry.module, scale: options.scale };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", PROGRAM, JSON.stringify(task)],
    env: options.env,
    // A process group: what a check has started ends with it.
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const limit = AbortSignal.timeout(options.limitSeconds * 1000);
  const stop = AbortSignal.any([limit, options.signal]);
  const end = () => killGroup(child.pid);
  stop.addEventListener("abort", end);
  const output = Promise.all([lastMessage(child.stdout, options.say), tail(child.stderr)]);
  const status = await child.status;
  stop.removeEventListener("abort", end);
  end(); // What is left of the group would keep the output open.
  const [last, words] = await output;
  const seconds = (performance.now() - start) / 1000;
  if (last?.type === "done") return { kind: "done", seconds, result: last.result };
  if (last?.type === "failed") return { kind: "failed", seconds, reason: last.message };
  const reason = options.signal.aborted
    ? "interrupted"
    : limit.aborted
    ? `ended after ${Math.round(options.limitSeconds)} s, its limit`
    : death(status, words);
  return { kind: "failed", seconds, reason };
}

/** The message that ends a check; what it says before is told on. */
async function lastMessage(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
  say: (text: string) => void,
): Promise<Exclude<ChildMessage, { type: "said" }> | null> {
  let last: Exclude<ChildMessage, { type: "said" }> | null = null;
  for await (const line of linesOf(stdout)) {
    const message = parseMessage(line);
    if (message?.type === "said") say(message.text);
    else last = message ?? last;
  }
  return last;
}

/** Native libraries print on stdout as well: such lines are no messages. */
function parseMessage(line: string): ChildMessage | null {
  try {
    const message = JSON.parse(line);
    return ["said", "done", "failed"].includes(message?.type) ? message : null;
  } catch {
    return null;
  }
}

async function tail(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text = (text + chunk).slice(-LAST_WORDS);
  }
  return stripVTControlCharacters(text).trim().split("\n").at(-1) ?? "";
}

function death({ signal, code }: Deno.CommandStatus, words: string): string {
  const how = signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
  return `its process ${how} before it had a result${
    words === "" ? "" : `; its last words: ${words}`
  }`;
}
