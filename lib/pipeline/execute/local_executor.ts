/**
 * Runs every job in a Deno process of its own on this machine, with just the permissions that it
 * needs and an environment that holds nothing that could change results unseen.
 *
 * @module
 */
import { join } from "node:path";
import type { Executor, Task, TaskResult } from "./executor.ts";
import { decodeLine, type JobEvent } from "../stage/job.ts";
import { linesOf } from "../base/lines.ts";
import { MAIN } from "../code/code_bundle.ts";
import { LAST_WORDS_VARIABLE, readLastWords } from "../../base/last_words.ts";
import { guardOrphan } from "./orphan_guard.ts";

/** Variables without which no process starts, or no npm package is found. */
const BASIC_VARIABLES = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "TEMP"];
/** One language and one time zone, by which texts are sorted and numbers and dates written. */
const LOCALE = { LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8", TZ: "UTC" } as const;
/** Variables that say how the network is reached. */
const NETWORK_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "DENO_CERT"]
  .flatMap((name) => [name, name.toLowerCase()]);
/** How long a stage may live without its engine: longer than it takes to end by itself. */
const ORPHAN_GRACE_SECONDS = 12;
/** Signals that the system sends a process for what it did itself. */
const FAULTS: readonly (Deno.Signal | null)[] = [
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGILL",
  "SIGSEGV",
];
/** Lines of a failed process's output that its error shows. */
const SHOWN_LINES = 20;

/** Starts jobs on this machine. */
export class LocalExecutor implements Executor {
  readonly #children = new Set<Deno.ChildProcess>();
  #packages: Promise<string> | null = null;

  async execute(
    task: Task,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<TaskResult> {
    const child = this.#spawn(task, await (this.#packages ??= packageFolder()));
    this.#children.add(child);
    const endGuard = guardOrphan(child.pid, ORPHAN_GRACE_SECONDS);
    try {
      return await new Conversation(child, task, onEvent).hold(signal);
    } finally {
      this.#children.delete(child);
      await endGuard();
    }
  }

  kill(): void {
    for (const child of this.#children) killIfAlive(child);
  }

  #spawn(task: Task, packages: string): Deno.ChildProcess {
    const jobPath = join(task.folder, "job.json");
    Deno.writeTextFileSync(jobPath, JSON.stringify(task.job));
    return new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        ...permissions(task, jobPath, packages),
        join(task.code, MAIN),
        jobPath,
      ],
      env: environment(task),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }
}

/** What the engine and a stage's process say to each other. */
class Conversation {
  readonly #child: Deno.ChildProcess;
  readonly #task: Task;
  readonly #onEvent: (event: JobEvent) => void;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #tail: string[] = [];
  #last: TaskResult | null = null;

  constructor(child: Deno.ChildProcess, task: Task, onEvent: (event: JobEvent) => void) {
    this.#child = child;
    this.#task = task;
    this.#onEvent = onEvent;
    this.#stdin = child.stdin.getWriter();
  }

  /** Listens until the process has ended. @param signal Asks it to stop. */
  async hold(signal: AbortSignal): Promise<TaskResult> {
    const stop = () => void this.#stdin.write(new TextEncoder().encode("stop\n")).catch(() => {});
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      await Promise.all([this.#readOutput(), this.#readErrors()]);
      const status = await this.#child.status;
      return this.#last ?? failure(status, this.#task, this.#tail, signal.aborted);
    } catch (error) {
      // The engine cannot take in what the process says, e.g. as the log's disk is full.
      killIfAlive(this.#child);
      await this.#child.status;
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      await this.#stdin.close().catch(() => {});
    }
  }

  async #readOutput(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      const { text, event } = decodeLine(this.#task.job.token, line);
      if (text !== null) this.#log(text);
      if (event?.type === "done" || event?.type === "failed") await this.#finish(event);
      else if (event) this.#onEvent(event);
    }
  }

  async #readErrors(): Promise<void> {
    for await (const line of linesOf(this.#child.stderr)) this.#log(line);
  }

  #log(line: string): void {
    this.#onEvent({ type: "log", line });
    if (this.#tail.push(line) > SHOWN_LINES) this.#tail.shift();
  }

  async #finish(event: Extract<JobEvent, { type: "done" | "failed" }>): Promise<void> {
    this.#last = event.type === "done"
      ? { ...event, peakMemoryBytes: peakMemoryOf(this.#child.pid) }
      : event;
    await this.#stdin.close().catch(() => {});
  }
}

function killIfAlive(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Where Deno keeps npm packages: they are code, but some read files of their own. */
async function packageFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).npmCache;
}

/** The flags that confine a task's process. */
export function permissions(task: Task, jobPath: string, packages: string): string[] {
  const { outputFolder, checkpointFolder, downloadFolder } = task.job;
  const folders = [outputFolder, checkpointFolder, ...downloadFolder ? [downloadFolder] : []];
  const writable = [...folders, lastWordsPath(task)];
  return [
    "--no-prompt",
    "--frozen",
    "--config",
    join(task.code, "deno.json"),
    `--allow-read=${[jobPath, packages, ...task.readable, ...writable].join(",")}`,
    `--allow-write=${writable.join(",")}`,
    "--allow-env",
    ...task.network ? ["--allow-net"] : ["--no-remote"],
    ...task.grants,
  ];
}

function environment(task: Task): Record<string, string> {
  const names = task.network ? [...BASIC_VARIABLES, ...NETWORK_VARIABLES] : BASIC_VARIABLES;
  const kept = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    NO_COLOR: "1",
    ...LOCALE,
    ...Object.fromEntries(kept),
    [LAST_WORDS_VARIABLE]: lastWordsPath(task),
    ...task.environment,
  };
}

function lastWordsPath(task: Task): string {
  return join(task.folder, "last-words");
}

function failure(
  status: Deno.CommandStatus,
  task: Task,
  tail: readonly string[],
  interrupted: boolean,
): TaskResult {
  if (interrupted) return { type: "failed", message: "interrupted", interrupted };
  const how = status.signal === "SIGKILL"
    ? "was killed (SIGKILL), as the system does when memory runs out"
    : status.signal
    ? `was ended by ${status.signal}`
    : `ended with status ${status.code} before its outputs were finished`;
  const message = [
    `the stage's process ${how}`,
    ...readLastWords(lastWordsPath(task)).map((note) => `its last words: ${note}`),
    ...FAULTS.includes(status.signal) ? task.onCrash.map((advice) => `to try: ${advice}`) : [],
    ...tail,
  ].join("\n");
  return { type: "failed", message, interrupted };
}

/** The largest resident set of a process so far, in bytes; 0 where the system does not tell. */
function peakMemoryOf(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
