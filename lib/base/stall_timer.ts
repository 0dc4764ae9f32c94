/**
 * Gives up what stands still.
 *
 * @module
 */

/** A connection on which nothing comes any more. */
export class StallError extends Error {
  override readonly name = "StallError";
}

/**
 * Aborts its signal when nothing was heard for a time, or when another signal aborts.
 *
 * @example
 * ```ts
 * using timer = new StallTimer(60_000);
 * const response = await fetch(url, { signal: timer.signal });
 * for await (const chunk of response.body!) timer.reset();
 * ```
 */
export class StallTimer {
  readonly signal: AbortSignal;
  readonly #timeoutMs: number;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout>;

  /** @param signal Another reason to give up. */
  constructor(timeoutMs: number, signal: AbortSignal | null = null) {
    this.#timeoutMs = timeoutMs;
    this.signal = signal
      ? AbortSignal.any([signal, this.#controller.signal])
      : this.#controller.signal;
    this.#timer = this.#start();
  }

  /** Something was heard. */
  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  #start(): ReturnType<typeof setTimeout> {
    const error = new StallError(`it sent nothing for ${this.#timeoutMs / 1000} s`);
    return setTimeout(() => this.#controller.abort(error), this.#timeoutMs);
  }

  /** Also ends what is still open, such as an answer that nobody reads to its end. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#controller.abort(new DOMException("done", "AbortError"));
  }
}
