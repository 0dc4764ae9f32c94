/**
 * Patience with a controller that restarts or is busy.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { SlurmError } from "./commands.ts";

/** How long a controller may be away. */
const PATIENCE_MS = 10 * 60 * 1000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/** Repeats a call until the controller answers, or for ten minutes, or until `signal` aborts. */
export async function patiently<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const start = performance.now();
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      const isPassing = error instanceof SlurmError && error.isPassing;
      const isLate = performance.now() - start + pauseMs > PATIENCE_MS;
      if (!isPassing || isLate || signal.aborted) throw error;
    }
    await delay(pauseMs);
  }
}
