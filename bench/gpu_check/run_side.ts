/**
 * Programs of this folder that answer once, in a process of their own: a library computes on one
 * device and in one precision as long as it is loaded.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { lastLine, runChild } from "../../lib/base/child.ts";
import { errorIn } from "../side.ts";

/**
 * Runs a program to its end.
 *
 * @param env Environment variables on top of this process's.
 * @returns What its last line says, as JSON.
 * @throws {Error} if it fails; the message is the last that it said.
 */
export async function runSide<T>(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<T> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const run = ["run", "-A", "--quiet", path, ...args];
  const result = await runChild(Deno.execPath(), run, { env });
  if (result?.success) return JSON.parse(lastLine(result.stdout));
  const how = result?.signal ? `was ended by ${result.signal}` : "failed";
  throw new Error(`${program} ${how}; it said: ${errorIn(result?.stderr ?? "") || "nothing"}`);
}
