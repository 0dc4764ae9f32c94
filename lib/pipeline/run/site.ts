/**
 * Opens the place where instances execute: this machine, or a cluster.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import { suggestion } from "../base/suggest.ts";
import type { Project } from "../config/project.ts";
import { capacity } from "../execute/capacity.ts";
import { LocalExecutor } from "../execute/local_executor.ts";
import type { RequirementLoader } from "../execute/requirement.ts";
import type { Site } from "../execute/site.ts";
import { Slots } from "../execute/slots.ts";
import type { Plan } from "../plan/plan.ts";
import type { CommandLine } from "../slurm/follow_up.ts";
import type { Store } from "../store/store.ts";

/** What this machine is opened with. */
export interface LocalSiteOptions {
  readonly requirements: Readonly<Record<string, RequirementLoader>>;
  /** CPU slots, as `--jobs` says. @default {the number of cores} */
  readonly jobs?: string;
}

/** What any place is opened with. */
export interface SiteOptions extends LocalSiteOptions {
  readonly project: Project;
  /** `local` or `slurm`. @default {"local"} */
  readonly executor?: string;
  /** Whether the engine submits what is ready, and ends. */
  readonly detach: boolean;
  /** Whether something executes even if it is fresh. */
  readonly isForced: boolean;
  /** The command line of this run, for one that goes on with it. */
  readonly rerun: CommandLine;
}

/** This machine. */
export function here({ requirements, jobs }: LocalSiteOptions): Site {
  return { executor: new LocalExecutor(), slots: new Slots(capacity(jobs)), requirements };
}

/** The place that the options name. @throws {PipelineError} if there is no such executor. */
export async function openSite(options: SiteOptions, plan: Plan, store: Store): Promise<Site> {
  const { executor = "local", detach } = options;
  if (executor === "slurm") {
    return await (await import("../slurm/site.ts")).slurmSite(options, plan, store);
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
  return here(options);
}
