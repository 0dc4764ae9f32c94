/**
 * What a stage may need of the machine beside its inputs, e.g. a native library. The engine knows
 * only this interface; `main.ts` registers the modules that implement it by the names that stages
 * use in `requires`.
 *
 * @module
 */
import type { Environment } from "../stage/job.ts";

/** Something that stages need of the machine. */
export interface Requirement {
  /** Finds or installs what the requirement needs; called at most once per run, when an instance that needs it will execute. */
  prepare(context: PrepareContext): Promise<Prepared>;
  /** For `doctor`: what was found and what to do about problems; must not install. */
  check(): Promise<Check[]>;
}

/** What {@link Requirement.prepare} may use of the run. */
export interface PrepareContext {
  /** Shows a line to the user. */
  log(line: string): void;
  /** Shows how much is done, from 0 to 1, and what is being done. */
  progress(fraction: number, text: string): void;
  /** Aborts when the user interrupts the run. */
  signal: AbortSignal;
}

/** What the stage processes get from a requirement. */
export interface Prepared {
  /** Environment variables for the stage processes. */
  env: Record<string, string>;
  /** Deno permission flags for the stage processes, e.g. "--allow-ffi=/path", "--allow-read=/path", "--allow-sys". */
  grants: string[];
  /** Number of GPUs that stages may use (0: none). */
  gpus: number;
  /** One line for the user on what was taken and, if slow, what would make it faster. */
  summary: string;
  /**
   * How many times longer work takes than it took in an environment, `null` where that is not
   * known; omitted if the device is not slow.
   */
  slowdownFrom?: (past: Environment) => number | null;
  /** Library versions for provenance. */
  versions: Record<string, string>;
  /** What to try if a fault (e.g. SIGSEGV) ends a process that uses this; one line each. */
  onCrash?: string[];
}

/** One finding of `doctor`. */
export interface Check {
  name: string;
  status: "ok" | "warning" | "problem";
  detail: string;
  /** What to do about it. */
  remedy?: string;
}

/** Loads a requirement's implementation when it is needed. */
export type RequirementLoader = () => Promise<Requirement>;
