/**
 * Processes of a test: what an engine started, and waiting for what should come about.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** The children of a process, at any depth; Linux only. */
export function descendants(pid: number): number[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  } catch {
    return [];
  }
  const children = text.split(" ").filter((word) => word !== "").map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Whether a process lives, or waits only to be collected. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Kills a process that may have ended. */
export function killIfAlive(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound) && !(cause instanceof TypeError)) throw cause;
  }
}

/** Waits until a condition holds. @throws {Error} if it does not within the time. */
export async function until(
  what: string,
  condition: () => boolean,
  timeoutMs = 30_000,
): Promise<void> {
  for (const start = performance.now(); !condition(); await delay(20)) {
    if (performance.now() - start > timeoutMs) throw new Error(`It did not come about: ${what}`);
  }
}

/** Waits for the end of a process whose output is piped: its status and what it printed. */
export async function endOf(engine: Deno.ChildProcess) {
  const { code, stdout, stderr } = await engine.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
