/**
 * What happens in a run, as data: the engine emits events, and only reporters print.
 *
 * @module
 */
import type { JobEvent } from "../stage/job.ts";

/** How an instance ended. */
export type Outcome = "ran" | "restored" | "fresh" | "failed" | "skipped";

/** The end of an instance. */
export interface InstanceEvent {
  readonly event: "instance";
  readonly instance: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly key: string | null;
  readonly seconds: number;
}

/** The end of a run. */
export interface SummaryEvent {
  readonly event: "summary";
  readonly ran: number;
  readonly restored: number;
  readonly fresh: number;
  readonly failed: number;
  /** Wall time without installs. */
  readonly seconds: number;
  readonly installSeconds: number;
}

/** Everything that a run reports. */
export type RunEvent =
  | {
    readonly event: "plan";
    readonly profile: string | null;
    /** Jobs that may run in parallel; `null` where a cluster decides. */
    readonly slots: number | null;
    /** Seconds that each instance takes if it executes; `null` where nothing is known. */
    readonly expectedSeconds: Readonly<Record<string, number | null>>;
  }
  | {
    readonly event: "prepare";
    readonly requirement: string;
    readonly text: string;
    readonly fraction: number | null;
  }
  | {
    readonly event: "start";
    readonly instance: string;
    /** The stage key, by which its log is called. */
    readonly key: string;
    readonly reason: string;
    readonly expectedSeconds: number | null;
  }
  | { readonly event: "job"; readonly instance: string; readonly job: JobEvent }
  | { readonly event: "note"; readonly text: string }
  | InstanceEvent
  | SummaryEvent;

/** Receives events. */
export type EventSink = (event: RunEvent) => void;
