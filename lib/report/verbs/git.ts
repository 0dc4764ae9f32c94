/**
 * What git knows of a report.
 *
 * @module
 */
import { relative } from "node:path";

/** The output of a git command, or `null` if it fails or git is not there. */
export async function git(folder: string, ...args: string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command("git", { args, cwd: folder, stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
}

/** The revision that last changed a path; `null` where it is not known. */
export async function lastRevision(folder: string, path: string): Promise<string | null> {
  const text = await git(folder, "log", "-1", "--format=%H", "--", relative(folder, path));
  return text?.trim() || null;
}
