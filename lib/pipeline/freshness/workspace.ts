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
import type { Project } from "../config/project.ts";

/** What a workspace is opened with. */
export interface WorkspaceOptions {
  readonly project: Project;
  /** Stages and instances that are selected; none selects all. */
  readonly targets: readonly string[];
  /** Names that no stage may have. */
  readonly reservedNames: readonly string[];
}

/** A project as its verbs see it. */
export interface Workspace {
  readonly plan: Plan;
  readonly code: CodeMemo;
  readonly store: Store;
  readonly state: RunState;
  /** The instances that the targets name; all if there are none. */
  readonly selected: readonly PlannedInstance[];
}

/** Opens a project. @throws {PipelineError} on unknown targets. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { project, targets, reservedNames } = options;
  const store = new Store(project.artifacts);
  const { plan, code } = await loadPlan(project, store, reservedNames);
  const state = new RunState(project, store);
  return { plan, code, store, state, selected: selectTargets(plan, targets) };
}
