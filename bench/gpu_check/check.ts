/**
 * What a check of `deno task gpu-check` is and what it answers. A check runs in a process of its
 * own, so that one which crashes or hangs hides no other.
 *
 * @module
 */

/** `full` on a GPU; `reduced` where there is none, so that a CPU does the same in little time. */
export type Scale = "full" | "reduced";

/** A check as the command knows it, without loading what it needs. */
export interface CheckEntry {
  readonly name: string;
  /** The address of the module whose default export is the {@link Check}. */
  readonly module: string;
  /** What it took or is expected to take, for the estimate of the time left. */
  readonly expectedSeconds: Readonly<Record<Scale, number>>;
  /** A check that takes longer is ended. */
  readonly limitSeconds: number;
  /** What to do where it fails. */
  readonly remedy?: string;
}

/** A check's body. Throws if it cannot be done. */
export type Check = (context: CheckContext) => Promise<CheckResult>;

/** What a check gets. */
export interface CheckContext {
  readonly scale: Scale;
  /** Tells the user what is being done. */
  say(text: string): void;
}

/** What a check found. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  /** What the checks after this one compute with, if it was installed. */
  readonly machine?: InstalledMachine;
}

/** What checks compute with. */
export interface InstalledMachine {
  readonly env: Readonly<Record<string, string>>;
  /** GPUs that the library can use. */
  readonly gpus: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** One line of the report. */
export interface Finding {
  readonly what: string;
  readonly value: number | string;
  /** The value's unit, if it is a number with one. */
  readonly unit?: string;
  /** What the value should be, in words. */
  readonly expected?: string;
  /** `note` where nothing is expected. */
  readonly status: "ok" | "problem" | "note";
}

/** A finding that should be at most `limit`; a value that is not a number is a problem. */
export function atMost(what: string, value: number, limit: number, unit?: string): Finding {
  return {
    what,
    value,
    ...unit === undefined ? {} : { unit },
    expected: `at most ${limit}${unit === undefined ? "" : ` ${unit}`}`,
    status: value <= limit ? "ok" : "problem",
  };
}

/** A finding of which nothing is expected. */
export function note(what: string, value: number | string, unit?: string): Finding {
  return { what, value, ...unit === undefined ? {} : { unit }, status: "note" };
}
