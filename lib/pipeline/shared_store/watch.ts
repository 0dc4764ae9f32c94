/**
 * Gives a request up that stands still.
 *
 * @module
 */

/** Aborts its signal when nothing was heard for a time, or when another signal aborts. */
export class Watch {
  readonly signal: AbortSignal;
  readonly #timeoutMs: number;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout>;

  constructor(timeoutMs: number, signal: AbortSignal | null) {
    this.#timeoutMs = timeoutMs;
    this.signal = signal
      ? AbortSignal.any([signal, this.#controller.signal])
      : this.#controller.signal;
    this.#timer = this.#start();
  }

  /** Something was heard. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  #start(): ReturnType<typeof setTimeout> {
    const message = `it sent nothing for ${this.#timeoutMs / 1000} s`;
    return setTimeout(
      () => this.#controller.abort(new DOMException(message, "TimeoutError")),
      this.#timeoutMs,
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    // Ends what is still open, such as an answer that nobody reads to its end.
    this.#controller.abort(new DOMException("done", "AbortError"));
  }
}
