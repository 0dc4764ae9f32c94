/**
 * Calls Slurm's commands.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";

/** The commands that are used. */
export type SlurmCommand = "sbatch" | "squeue" | "scancel" | "scontrol" | "sacct";

/** A wrapper around a command may print anything. */
const SHOWN_CHARACTERS = 4000;

/** A command that failed. */
export class SlurmError extends PipelineError {
  override readonly name = "SlurmError";
  /** Whether the controller did not answer, as while it restarts: the call may be repeated. */
  readonly isPassing: boolean;

  constructor(command: SlurmCommand, output: string) {
    const text = output.slice(0, SHOWN_CHARACTERS).replaceAll(`${command}: error: `, "").trim();
    super(`${command}: ${text}`, { status: 1 });
    this.isPassing = PASSING.test(output);
  }
}

/** What Slurm says when its controller is away, is starting, or is busy. */
const PASSING = new RegExp(
  [
    "Unable to contact slurm controller",
    "Connection refused",
    "Connection timed out",
    "Socket timed out",
    "Zero Bytes were transmitted",
    "Slurm temporarily unable to accept job",
    "Transport endpoint is not connected",
    "Slurm controller is in standby mode",
  ].join("|"),
  "i",
);

/** What a call may take, and bring. */
export interface CallLimits {
  readonly timeoutMs: number;
  readonly bytes: number;
}

/** A line of the queue has about 100 bytes; a controller that is busy answers within minutes. */
const LIMITS: CallLimits = { timeoutMs: 5 * 60 * 1000, bytes: 64 * 1024 * 1024 };

/** What a call is given beside its arguments. */
export interface CallOptions {
  readonly input?: string;
  /** Environment variables on top of this process's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: CallLimits;
}

/**
 * Runs a command and returns what it prints.
 *
 * @throws {SlurmError} if it fails, or exceeds its limits; a {@link PipelineError} if it is not
 * there.
 */
export async function callSlurm(
  command: SlurmCommand,
  args: readonly string[],
  { input = "", env = {}, limits = LIMITS }: CallOptions = {},
): Promise<string> {
  const child = spawn(command, args, env);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child);
  }, limits.timeoutMs);
  try {
    const stdin = child.stdin.getWriter();
    const sent = stdin.write(new TextEncoder().encode(input)).then(() => stdin.close());
    const [{ success }, stdout, stderr] = await Promise.all([
      child.status,
      readText(child, child.stdout, limits.bytes),
      readText(child, child.stderr, limits.bytes),
      // A command that fails at once closes its end first.
      sent.catch(() => {}),
    ]);
    if (isLate) {
      throw new SlurmError(command, `Socket timed out after ${limits.timeoutMs / 1000} s`);
    }
    if (stdout === null || stderr === null) {
      throw new SlurmError(command, `it printed more than ${limits.bytes} bytes`);
    }
    if (!success) throw new SlurmError(command, stderr || stdout);
    return stdout;
  } finally {
    clearTimeout(timer);
  }
}

/** The text of a stream; `null`, and the end of its process, if it is too long. */
async function readText(
  child: Deno.ChildProcess,
  stream: ReadableStream<Uint8Array>,
  limit: number,
): Promise<string | null> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const part of stream) {
    bytes += part.length;
    if (bytes > limit) {
      kill(child);
      return null;
    }
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof TypeError)) throw error;
  }
}

function spawn(
  command: SlurmCommand,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env: { LC_ALL: "C", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new PipelineError(
      `Cannot use the Slurm executor as there is no ${command} on the PATH: run this on a login ` +
        "node of the cluster (or `module load slurm`), or leave out `--executor slurm`",
      { cause },
    );
  }
}

/** Cancels jobs at once, without waiting for anything else; for an engine that ends. */
export function cancelNow(jobs: readonly string[]): void {
  try {
    new Deno.Command("scancel", { args: [...jobs], stdout: "null", stderr: "null" }).outputSync();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}
