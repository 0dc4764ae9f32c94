/**
 * A bound on what goes on at the same time.
 *
 * @module
 */

/** Limits how many tasks run in parallel; the others wait in order of arrival. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #next = 0;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Runs a task when it is its turn. */
  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      return await task();
    } finally {
      this.#pass();
    }
  }

  #pass(): void {
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = this.#next = 0;
      this.#free += 1;
    } else this.#waiting[this.#next++]();
  }
}
