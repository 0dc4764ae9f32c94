/**
 * A job: one execution of a stage instance as its process receives it, and the events that the
 * process sends back. Both are plain JSON, so that a job can be started on another machine.
 *
 * @module
 */
import type { Json } from "../base/json.ts";
import type { InputInterface } from "./interface.ts";
import type { Provenance } from "./stage.ts";

/** What the work was done on. */
export interface Environment {
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** A table that a job reads. */
export interface JobTable {
  readonly path: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly provenance: Provenance | null;
}

/** An earlier result that a job may extend. */
export interface JobPredecessor {
  readonly params: Readonly<Record<string, Json>>;
  /** Paths of its tables by output. */
  readonly tables: Readonly<Record<string, string>>;
}

/** The file that a stage's process is started with. */
export interface Job {
  /** Marks the process's own events on stdout, which anything else may print to as well. */
  readonly token: string;
  readonly instance: string;
  readonly axes: Readonly<Record<string, string>>;
  readonly key: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly seed: number;
  readonly threads: number;
  readonly inputs: Readonly<
    Record<string, { readonly mode: InputInterface["mode"]; readonly tables: readonly JobTable[] }>
  >;
  readonly predecessor: JobPredecessor | null;
  readonly outputFolder: string;
  readonly checkpointFolder: string;
  readonly downloadFolder: string | null;
}

/** A table that a process has finished. */
export interface FinishedTable {
  readonly kind: "table";
  readonly path: string;
  readonly rows: number;
  readonly columns: Readonly<Record<string, string>>;
}

/** Files that a process has finished: paths by relative path. */
export interface FinishedFiles {
  readonly kind: "files";
  readonly paths: Readonly<Record<string, string>>;
}

/** What a process sends while it runs; the last event is `done` or `failed`. */
export type JobEvent =
  | { readonly type: "progress"; readonly fraction: number; readonly text: string }
  | {
    readonly type: "live";
    /** `null` where a value is no finite number, which JSON does not have. */
    readonly values: Readonly<Record<string, number | null>>;
  }
  | { readonly type: "log"; readonly line: string }
  | {
    readonly type: "done";
    readonly outputs: Readonly<Record<string, FinishedTable | FinishedFiles>>;
    readonly metrics: Readonly<Record<string, number>>;
    readonly environment: Environment;
  }
  | { readonly type: "failed"; readonly message: string; readonly interrupted: boolean };

/** One event as a line of stdout. */
export function encodeEvent(token: string, event: JobEvent): string {
  return `${token} ${JSON.stringify(event)}`;
}

/** A line of stdout, taken apart. */
export interface OutputLine {
  /** What was printed otherwise, maybe on the same line as an event; `null` where it was nothing. */
  readonly text: string | null;
  readonly event: JobEvent | null;
}

/** Takes a line of stdout apart; a stage may have printed anything before an event. */
export function decodeLine(token: string, line: string): OutputLine {
  const at = line.indexOf(`${token} `);
  if (at < 0) return { text: line, event: null };
  try {
    const event = JSON.parse(line.slice(at + token.length + 1)) as JobEvent;
    return { text: at === 0 ? null : line.slice(0, at), event };
  } catch {
    return { text: line, event: null };
  }
}
