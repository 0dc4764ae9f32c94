/**
 * The recorded runs as a list: when each was, how it ended, and whether it goes on.
 *
 * @module
 */
import type { RunEvent } from "../execute/events.ts";
import { EVENTS, isGoingOn, runIds } from "../records/run_log.ts";
import type { Store } from "../store/store.ts";
import { readLines } from "./event_lines.ts";

/** A recorded run. */
export interface RecordedRun {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly profile: string | null;
  readonly status: "running" | "done" | "failed" | "interrupted";
  readonly ran: number;
  readonly restored: number;
  readonly failed: number;
  /** Wall time; `null` where nothing says when the run ended. */
  readonly seconds: number | null;
}

/** Reads runs, newest first; what ended is read only once. */
export class History {
  readonly #store: Store;
  readonly #ended = new Map<string, RecordedRun>();
  readonly #profiles = new Map<string, string | null>();

  constructor(store: Store) {
    this.#store = store;
  }

  runs(): RecordedRun[] {
    return runIds(this.#store).reverse().flatMap((id) => this.run(id) ?? []);
  }

  /** The newest run of a profile; `null` if there is none. */
  newest(profile: string | null): string | null {
    const ids = runIds(this.#store).reverse();
    return ids.find((id) => this.#profileOf(id) === profile) ?? null;
  }

  /** One run; `null` if there is no record of it. */
  run(id: string): RecordedRun | null {
    const known = this.#ended.get(id);
    if (known) return known;
    // Asked first: what is found to have ended has written all that it will.
    const isRunning = isGoingOn(this.#store, id);
    const run = describe(id, isRunning, eventsOf(this.#store, id));
    if (run && !isRunning) this.#ended.set(id, run);
    return run;
  }

  /** Read once, as soon as the record says it; `undefined` before. */
  #profileOf(id: string): string | null | undefined {
    const known = this.#profiles.get(id);
    if (known !== undefined) return known;
    const { lines } = readLines(this.#store.path("runs", id, EVENTS), 0);
    for (const { text } of lines) {
      const event = JSON.parse(text) as RunEvent;
      if (event.event !== "plan") continue;
      this.#profiles.set(id, event.profile);
      return event.profile;
    }
    return lines.length === 0 ? undefined : null;
  }
}

type Timed = RunEvent & { readonly time: string };

function eventsOf(store: Store, id: string): Timed[] {
  const path = store.path("runs", id, EVENTS);
  const events: Timed[] = [];
  for (let from = 0;;) {
    const { lines, end } = readLines(path, from);
    for (const { text } of lines) events.push(JSON.parse(text));
    if (end === from) return events;
    from = end;
  }
}

function describe(id: string, isRunning: boolean, events: readonly Timed[]): RecordedRun | null {
  if (events.length === 0) return null;
  const startedAt = events[0].time;
  const plan = events.find(({ event }) => event === "plan");
  const profile = plan?.event === "plan" ? plan.profile : null;
  const last = events[events.length - 1];
  const outcomes = events.flatMap((each) => each.event === "instance" ? [each.outcome] : []);
  const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  const isWhole = last.event === "summary";
  const seconds = isWhole
    ? last.seconds + last.installSeconds
    : (Date.parse(last.time) - Date.parse(startedAt)) / 1000;
  return {
    id,
    startedAt,
    profile,
    status: isRunning && !isWhole
      ? "running"
      : count("failed") > 0
      ? "failed"
      : isWhole && count("skipped") === 0
      ? "done"
      : "interrupted",
    ran: count("ran"),
    restored: count("restored"),
    failed: count("failed"),
    seconds: Number.isFinite(seconds) ? seconds : null,
  };
}
