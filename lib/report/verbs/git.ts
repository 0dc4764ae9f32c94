/**
 * What git knows of a report.
 *
 * @module
 */
import { relative } from "node:path";
import { runChild } from "../../base/child.ts";

/** The output of a git command, or `null` if it fails or git is not there. */
export async function git(folder: string, ...args: string[]): Promise<string | null> {
  const result = await runChild("git", args, { cwd: folder });
  return result?.success ? result.stdout : null;
}

/** The revision that last changed a path; `null` where it is not known. */
export async function lastRevision(folder: string, path: string): Promise<string | null> {
  const text = await git(folder, "log", "-1", "--format=%H", "--", relative(folder, path));
  return text?.trim() || null;
}
