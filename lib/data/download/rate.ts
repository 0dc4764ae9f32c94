/**
 * How fast a transfer is.
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
