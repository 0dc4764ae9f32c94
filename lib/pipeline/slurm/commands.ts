/**
 * Calls Slurm's commands.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";

/** The commands that are used. */
export type SlurmCommand = "sbatch" | "squeue" | "scancel" | "scontrol" | "sacct";

/** A command that failed. */
export class SlurmError extends PipelineError {
  override readonly name = "SlurmError";
  /** Whether the controller did not answer, as while it restarts: the call may be repeated. */
  readonly isPassing: boolean;

  constructor(command: SlurmCommand, output: string) {
    super(`${command}: ${output.replaceAll(`${command}: error: `, "").trim()}`, { status: 1 });
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

/**
 * Runs a command and returns what it prints.
 *
 * @throws {SlurmError} if it fails; a {@link PipelineError} if it is not there.
 */
export async function callSlurm(
  command: SlurmCommand,
  args: readonly string[],
  input = "",
): Promise<string> {
  const child = spawn(command, args);
  const stdin = child.stdin.getWriter();
  const sent = stdin.write(new TextEncoder().encode(input)).then(() => stdin.close());
  // A command that fails at once closes its end first.
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), sent.catch(() => {})]);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new SlurmError(command, text(stderr) || text(stdout));
  return text(stdout);
}

function spawn(command: SlurmCommand, args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env: { LC_ALL: "C" },
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
