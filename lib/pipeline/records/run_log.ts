/**
 * The record of a run: its events as JSON lines in `runs/<id>/events.jsonl`, and the key of every
 * instance's result in `runs/<id>/keys.json`. A run in which everything is fresh leaves none.
 *
 * @module
 */
import { join } from "node:path";
import { writeAllSync } from "../../base/write_all.ts";
import type { EventSink, RunEvent } from "../execute/events.ts";
import { closeLocked, removeIfThere, writeFailure, writeJson } from "../base/files.ts";
import { sortKeys } from "../base/json.ts";
import type { Store } from "../store/store.ts";

/** The file of a run's events. */
export const EVENTS = "events.jsonl";
/** Records of runs that are kept. */
const KEPT_RUNS = 50;
/** Events beyond this are not recorded, but for the last. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Shortest interval between records of an instance's progress and live values. */
const JOB_INTERVAL_MS = 1000;

/** Records one run. */
export class RunLog {
  readonly #store: Store;
  readonly #lastJob = new Map<string, number>();
  /** Lines before the first that is worth a file. */
  #held: string[] | null = [];
  #folder: string | null = null;
  /** Locked as long as the run goes on, whatever ends it. */
  #file: Deno.FsFile | null = null;
  #bytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Takes an event. */
  readonly record: EventSink = (event) => {
    if (event.event === "job" && !this.#isDue(event)) return;
    const line = `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`;
    if (this.#held) {
      this.#held.push(line);
      if (!isNews(event)) return;
    }
    const isLast = event.event === "summary";
    if (this.#bytes > MAX_BYTES && !isLast) return;
    this.#write((this.#held ?? [line]).join(""));
    this.#held = null;
  };

  /** Keeps the results' keys. */
  end(keys: Readonly<Record<string, string>>): void {
    if (this.#folder) writeJson(join(this.#folder, "keys.json"), sortKeys(keys));
  }

  [Symbol.dispose](): void {
    if (this.#file) closeLocked(this.#file);
  }

  /** Progress and live values, each once an interval; what a stage prints is in its log. */
  #isDue({ instance, job }: Extract<RunEvent, { event: "job" }>): boolean {
    if (job.type === "log") return false;
    const id = `${job.type} ${instance}`;
    const now = performance.now();
    if (now - (this.#lastJob.get(id) ?? -Infinity) < JOB_INTERVAL_MS) return false;
    this.#lastJob.set(id, now);
    return true;
  }

  #write(text: string): void {
    const folder = this.#folder ??= this.#create();
    const bytes = new TextEncoder().encode(text);
    this.#bytes += bytes.length;
    try {
      this.#file ??= openLocked(join(folder, EVENTS));
      writeAllSync(this.#file, bytes);
    } catch (cause) {
      throw writeFailure(folder, cause);
    }
  }

  #create(): string {
    const time = new Date().toISOString().replace(/[-:.]/g, "");
    const folder = this.#store.path("runs", `${time}-${Deno.pid}`);
    for (const old of runIds(this.#store).slice(0, 1 - KEPT_RUNS)) {
      removeIfThere(this.#store.path("runs", old));
    }
    try {
      Deno.mkdirSync(folder, { recursive: true });
    } catch (cause) {
      throw writeFailure(folder, cause);
    }
    return folder;
  }
}

function openLocked(path: string): Deno.FsFile {
  const file = Deno.openSync(path, { append: true, create: true });
  file.lockSync(true);
  return file;
}

/** Whether a run's engine is there still: one that was killed has left its record unlocked. */
export function isGoingOn(store: Store, id: string): boolean {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(store.path("runs", id, EVENTS));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw cause;
  }
  using open = file;
  return !open.tryLockSync(false);
}

/** Whether an event makes a run worth a record. */
function isNews(event: RunEvent): boolean {
  if (event.event === "instance") return event.outcome !== "fresh";
  return event.event === "start" || event.event === "prepare";
}

/** The ids of recorded runs, oldest first. */
export function runIds(store: Store): string[] {
  try {
    return [...Deno.readDirSync(store.path("runs"))].map(({ name }) => name).sort();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw cause;
  }
}
