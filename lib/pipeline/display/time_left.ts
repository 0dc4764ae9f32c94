/**
 * Estimates of the time that is left: of an instance by its own progress once there is some, and
 * of the whole run by what its instances took before.
 *
 * @module
 */
import type { RunEvent } from "../execute/events.ts";

/** Below this share of the work, an estimate from the progress alone would be a guess. */
const ESTIMATE_FROM_FRACTION = 0.03;

interface Running {
  readonly startedAt: number;
  readonly expectedSeconds: number | null;
  /** The first progress that was reported: a checkpoint's, where the work goes on from one. */
  first: { readonly fraction: number; readonly at: number } | null;
  fraction: number;
}

/** Follows a run's events. */
export class TimeLeft {
  readonly #now: () => number;
  readonly #running = new Map<string, Running>();
  /** Expected seconds of what has neither started nor ended. */
  readonly #waiting = new Map<string, number | null>();
  readonly #ended = new Set<string>();
  #slots: number | null = null;

  /** @param now Milliseconds of a clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  update(event: RunEvent): void {
    if (event.event === "plan") {
      this.#slots = event.slots;
      for (const [name, seconds] of Object.entries(event.expectedSeconds)) {
        if (!this.#ended.has(name)) this.#waiting.set(name, seconds);
      }
    } else if (event.event === "start") {
      const { instance } = event;
      const expectedSeconds = event.expectedSeconds ?? this.#waiting.get(instance) ?? null;
      this.#waiting.delete(instance);
      const startedAt = this.#now();
      this.#running.set(instance, { startedAt, expectedSeconds, first: null, fraction: 0 });
    } else if (event.event === "instance") {
      this.#ended.add(event.instance);
      this.#waiting.delete(event.instance);
      this.#running.delete(event.instance);
    } else if (event.event === "job" && event.job.type === "progress") {
      const running = this.#running.get(event.instance);
      if (!running) return;
      running.fraction = Math.min(1, event.job.fraction);
      running.first ??= { fraction: running.fraction, at: this.#now() };
    }
  }

  /** Seconds that a running instance will still take; `null` where nothing is known. */
  ofInstance(instance: string): number | null {
    const running = this.#running.get(instance);
    if (!running) return null;
    const { startedAt, expectedSeconds, first, fraction } = running;
    const done = fraction - (first?.fraction ?? 0);
    if (first && done >= ESTIMATE_FROM_FRACTION) {
      return (this.#now() - first.at) / 1000 * (1 - fraction) / done;
    }
    if (expectedSeconds === null) return null;
    const left = expectedSeconds * (1 - (first?.fraction ?? 0)) -
      (this.#now() - startedAt) / 1000;
    // Longer than expected, and it does not say how far it is: nothing honest can be said.
    return left > 0 ? left : null;
  }

  /** Seconds that the run will take; `null` where nothing is known of a part, or of the slots. */
  ofRun(): number | null {
    const running = [...this.#running.keys()].map((name) => this.ofInstance(name));
    const all = [...running, ...this.#waiting.values()];
    if (this.#slots === null || all.length === 0 || all.includes(null)) return null;
    const seconds = all as number[];
    const work = seconds.reduce((sum, each) => sum + each, 0);
    return Math.max(...seconds, work / this.#slots);
  }
}
