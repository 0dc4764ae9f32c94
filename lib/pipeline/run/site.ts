/**
 * Where instances execute: on this machine, or on a cluster.
 *
 * @module
 */
import { capacity } from "../execute/capacity.ts";
import { PipelineError } from "../base/errors.ts";
import type { Executor } from "../execute/executor.ts";
import { LocalExecutor } from "../execute/local_executor.ts";
import type { Plan } from "../plan/plan.ts";
import type { RequirementLoader } from "../execute/requirement.ts";
import { Slots, type SlotSource } from "../execute/slots.ts";
import type { Store } from "../store/store.ts";
import { suggestion } from "../base/suggest.ts";
import type { VerbContext } from "../cli/verbs/mod.ts";

/** A place where instances execute. */
export interface Site {
  readonly executor: Executor;
  readonly slots: SlotSource;
  /** What the engine prepares before it starts a job there. */
  readonly requirements: Readonly<Record<string, RequirementLoader>>;
  /** Does what is left to do after a run. */
  end?(say: (text: string) => void): Promise<void>;
}

/** This machine. */
export function here({ flags, requirements }: VerbContext): Site {
  return { executor: new LocalExecutor(), slots: new Slots(capacity(flags.jobs)), requirements };
}

/** The place that the command line names. */
export async function openSite(context: VerbContext, plan: Plan, store: Store): Promise<Site> {
  const { executor = "local", detach } = context.flags;
  if (executor === "slurm") {
    return await (await import("../slurm/site.ts")).slurmSite(context, plan, store);
  }
  if (executor !== "local") {
    const hint = suggestion(executor, ["local", "slurm"]);
    throw new PipelineError(`There is no executor "${executor}": ${hint}`);
  }
  if (detach) {
    throw new PipelineError(
      "Cannot detach as jobs on this machine end with the engine: add --executor slurm",
    );
  }
  return here(context);
}
