/**
 * What a run and its executions work with.
 *
 * @module
 */
import type { CodeMemo } from "../code/code_memo.ts";
import type { EventSink } from "../execute/events.ts";
import type { Executor } from "../execute/executor.ts";
import type { Preparations } from "../execute/preparations.ts";
import type { SlotSource } from "../execute/slots.ts";
import type { RunState } from "../freshness/state.ts";
import type { Plan } from "../plan/plan.ts";
import type { Sharing } from "../shared_store/sharing.ts";
import type { Store } from "../store/store.ts";

/** Everything that a run works with. */
export interface RunSetup {
  readonly folder: string;
  readonly plan: Plan;
  readonly code: CodeMemo;
  readonly store: Store;
  readonly state: RunState;
  readonly executor: Executor;
  readonly preparations: Preparations;
  readonly slots: SlotSource;
  readonly emit: EventSink;
  /** The shared store, if the run uses one. */
  readonly sharing?: Sharing;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}
