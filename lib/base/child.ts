/**
 * Short-lived child processes whose output is read as text.
 *
 * @module
 */

/** How a child ended. */
export interface ChildResult {
  readonly success: boolean;
  /** What ended it, if it did not end by itself. */
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of {@link runChild}. */
export interface ChildOptions {
  /** Ends the child. */
  signal?: AbortSignal;
  /** The folder in which it runs. @default {the parent's} */
  cwd?: string;
  /** Environment variables on top of the parent's. */
  env?: Record<string, string>;
}

/**
 * Runs a program to its end.
 *
 * @returns its output, or null if there is no such program.
 * @throws the signal's reason, if the signal ended it.
 */
export async function runChild(
  program: string,
  args: readonly string[],
  { signal, cwd, env }: ChildOptions = {},
): Promise<ChildResult | null> {
  signal?.throwIfAborted();
  const command = new Deno.Command(program, {
    args: [...args],
    cwd,
    env,
    signal,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  try {
    const output = await command.output();
    signal?.throwIfAborted();
    const decoder = new TextDecoder();
    return {
      success: output.success,
      signal: output.signal,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Kills a process that was started `detached`, and all that it has started and not detached. */
export function killGroup(leader: number): void {
  try {
    Deno.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The last line of a text that says something, for one-line messages. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
