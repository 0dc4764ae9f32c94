/**
 * Gives up a transfer that is too slow to ever end.
 *
 * @module
 */
import { StallTimer } from "../../base/stall_timer.ts";

/** What must come within a client's timeout: about a kilobyte per second. */
export const LEAST_BYTES = 32 * 1024;

/** Aborts its signal when too little was transferred for a time, or when another signal aborts. */
export class RateTimer {
  readonly #timer: StallTimer;
  #bytes = 0;

  /** @param signal Another reason to give up. */
  constructor(timeoutMs: number, signal: AbortSignal | null) {
    this.#timer = new StallTimer(timeoutMs, signal);
  }

  get signal(): AbortSignal {
    return this.#timer.signal;
  }

  /** Bytes were transferred: only many of them win time, as a server may send one now and then. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= LEAST_BYTES) this.restart();
  }

  /** Another part of the transfer begins. */
  restart(): void {
    this.#bytes = 0;
    this.#timer.reset();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
