/**
 * Ctrl-C: the first asks the stages to save a checkpoint and stop, a second one kills them.
 *
 * @module
 */
import { EXIT } from "../base/errors.ts";
import type { Executor } from "../execute/executor.ts";

/** Signals within this time count as one: `deno task` passes each on, so that it arrives twice. */
const SAME_SIGNAL_MS = 1000;

/** Listens until `stop` is called. */
export function listenForInterrupt(
  executor: Executor,
  say: (text: string) => void,
): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  let firstAt = -Infinity;
  const onSignal = () => {
    const now = performance.now();
    if (now - firstAt < SAME_SIGNAL_MS) return;
    if (controller.signal.aborted) {
      executor.kill();
      say("stopped; run again to go on from the last checkpoints");
      Deno.exit(EXIT.interrupted);
    }
    firstAt = now;
    say("stopping: running stages save their checkpoints; Ctrl-C again kills them");
    controller.abort(new DOMException("the run was interrupted", "AbortError"));
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) Deno.addSignalListener(name, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of signals) Deno.removeSignalListener(name, onSignal);
    },
  };
}
