/**
 * What verbs that look at results start from: the plan, the store and the last results.
 *
 * @module
 */
import type { CodeMemo } from "../code/code_memo.ts";
import { loadPlan } from "../plan/load.ts";
import type { Plan, PlannedInstance } from "../plan/plan.ts";
import { RunState } from "./state.ts";
import { Store } from "../store/store.ts";
import { selectTargets } from "../plan/target.ts";
import type { VerbContext } from "../cli/verbs/mod.ts";

/** A project as its verbs see it. */
export interface Workspace {
  readonly plan: Plan;
  readonly code: CodeMemo;
  readonly store: Store;
  readonly state: RunState;
  /** The instances that the command line names; all if it names none. */
  readonly selected: readonly PlannedInstance[];
}

/** Opens the project of a command line. @throws {PipelineError} on unknown targets. */
export async function openWorkspace(context: VerbContext): Promise<Workspace> {
  const store = new Store(context.project.artifacts);
  const { plan, code } = await loadPlan(context.project, store, context.verbNames);
  const state = new RunState(context.project, store);
  return { plan, code, store, state, selected: selectTargets(plan, context.words) };
}
