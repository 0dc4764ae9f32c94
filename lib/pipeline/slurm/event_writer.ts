/**
 * Writes a stage's events to its task's folder, several at a time: the file system is shared.
 *
 * @module
 */
import type { JobEvent } from "../stage/job.ts";
import type { TaskFolder } from "./task_folder.ts";

const INTERVAL_MS = 500;

/** Collects events and writes them twice a second. */
export class EventWriter implements Disposable {
  readonly #folder: TaskFolder;
  readonly #timer: ReturnType<typeof setInterval>;
  #events: JobEvent[] = [];

  constructor(folder: TaskFolder) {
    this.#folder = folder;
    this.#timer = setInterval(() => this.#flush(), INTERVAL_MS);
  }

  /** Takes an event; of several reports of progress only the last is worth writing. */
  readonly add = (event: JobEvent): void => {
    if (event.type === "progress") {
      this.#events = this.#events.filter(({ type }) => type !== "progress");
    }
    this.#events.push(event);
  };

  #flush(): void {
    if (this.#events.length === 0) return;
    this.#folder.append(this.#events);
    this.#events = [];
  }

  /** Writes the rest. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#flush();
  }
}
