/**
 * How fast a transfer is, and whether it goes on at all.
 *
 * @module
 */

/** Mean rate over a sliding window. */
export class Rate {
  static readonly #WINDOW_MS = 5000;
  readonly #samples = [{ timeMs: performance.now(), bytes: 0 }];
  #bytes = 0;

  /** Counts further bytes and returns the rate in bytes per second. */
  after(bytes: number): number {
    const timeMs = performance.now();
    this.#bytes += bytes;
    this.#samples.push({ timeMs, bytes: this.#bytes });
    while (this.#samples.length > 2 && timeMs - this.#samples[1].timeMs > Rate.#WINDOW_MS) {
      this.#samples.shift();
    }
    const [first] = this.#samples;
    return (this.#bytes - first.bytes) / Math.max(1, timeMs - first.timeMs) * 1000;
  }
}

/** A connection on which nothing comes any more. */
export class StallError extends Error {
  override readonly name = "StallError";
}

/** Aborts its signal when nothing was heard for a while. */
export class StallTimer {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout>;

  constructor(private readonly timeoutMs: number) {
    this.#timer = this.start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = this.start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  private start(): ReturnType<typeof setTimeout> {
    const error = new StallError(`no data for ${this.timeoutMs / 1000} seconds`);
    return setTimeout(() => this.#controller.abort(error), this.timeoutMs);
  }
}
