/**
 * A place where instances execute: this machine, or a cluster.
 *
 * @module
 */
import type { Executor } from "./executor.ts";
import type { RequirementLoader } from "./requirement.ts";
import type { SlotSource } from "./slots.ts";

/** A place where instances execute. */
export interface Site {
  readonly executor: Executor;
  readonly slots: SlotSource;
  /** What the engine prepares before it starts a job there. */
  readonly requirements: Readonly<Record<string, RequirementLoader>>;
  /** Does what is left to do after a run. */
  end?(say: (text: string) => void): Promise<void>;
}
