/**
 * Executors start jobs: here, or on another machine. They know nothing of keys and of the store.
 *
 * @module
 */
import type { Job, JobEvent } from "../stage/job.ts";
import type { Request } from "../stage/interface.ts";

/** A job with what its process may touch. */
export interface Task {
  readonly job: Job;
  readonly stage: string;
  /** What the stage declares that it needs; an executor on this machine has reserved it. */
  readonly resources: Request;
  /** Requirements of the stage, for an executor that prepares them elsewhere. */
  readonly requires: readonly string[];
  /** The folder of the bundle that is executed. */
  readonly code: string;
  /** A folder that only this task uses; it holds the job's output folder. */
  readonly folder: string;
  /** Files and folders that may be read: inputs, bundles of code, files at locations. */
  readonly readable: readonly string[];
  readonly network: boolean;
  /** Further permission flags of Deno, from the stage's requirements. */
  readonly grants: readonly string[];
  /** Environment variables, from the stage's requirements and slots. */
  readonly environment: Readonly<Record<string, string>>;
  /** What to try if a fault ends the process, from the stage's requirements. */
  readonly onCrash: readonly string[];
}

/** How a job ended. */
export type TaskResult =
  | (Extract<JobEvent, { type: "done" }> & {
    readonly peakMemoryBytes: number;
    /** Where it ran, if that was not here, and for how long. */
    readonly at?: { readonly host: string; readonly seconds: number };
  })
  | Extract<JobEvent, { type: "failed" }>
  /** It runs on without the engine; a later run takes its result. */
  | { readonly type: "detached"; readonly message: string };

/** Starts jobs. */
export interface Executor {
  /**
   * Where tasks have their folders, each called like its key, if these are to outlive the engine.
   */
  readonly folder?: string;
  /**
   * Runs a task to its end.
   *
   * @param onEvent Receives what the process sends, and whatever else it prints as log lines.
   * @param signal First asks the process to stop in an orderly way; see `kill`.
   */
  execute(
    task: Task,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<TaskResult>;
  /** Kills all processes. */
  kill(): void;
}
