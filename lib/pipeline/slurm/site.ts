/**
 * A cluster as the place where instances execute. Slots are jobs, whatever each asks for: the
 * cluster shares its machines out. Requirements are prepared on the nodes, whose devices may be
 * other than this machine's.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { PipelineError } from "../base/errors.ts";
import { sha256 } from "../base/json.ts";
import type { Plan } from "../plan/plan.ts";
import type { Prepared, RequirementLoader } from "../execute/requirement.ts";
import type { Site } from "../execute/site.ts";
import type { Request } from "../stage/interface.ts";
import { type Slot, Slots, type SlotSource } from "../execute/slots.ts";
import type { Store } from "../store/store.ts";
import type { Project } from "../config/project.ts";
import { type CommandLine, submitFollowUp } from "./follow_up.ts";
import { SlurmExecutor } from "./slurm_executor.ts";

/** Jobs that Slurm holds at a time by default. */
const DEFAULT_LIMIT = 500;

const ON_NODES: Prepared = { env: {}, grants: [], gpus: 0, summary: "", versions: {} };

/** What a cluster is opened with. */
export interface SlurmSiteOptions {
  readonly project: Project;
  readonly requirements: Readonly<Record<string, RequirementLoader>>;
  /** Jobs that Slurm holds at a time, as `--jobs` says. */
  readonly jobs?: string;
  /** Whether the engine submits what is ready, and ends. */
  readonly detach: boolean;
  /** Whether something executes even if it is fresh. */
  readonly isForced: boolean;
  /** The command line of this run. */
  readonly rerun: CommandLine;
}

/** The cluster that this machine submits to. */
export async function slurmSite(
  { project, requirements, jobs, detach, isForced, rerun }: SlurmSiteOptions,
  plan: Plan,
  store: Store,
): Promise<Site> {
  if (detach && isForced) {
    throw new PipelineError(
      "Cannot detach a forced run as every follow-up would force it again: leave out --detach",
    );
  }
  const destination = {
    folder: store.path("slurm"),
    jobName: await jobName(plan.name, store),
    options: plan.slurm,
    launcher: {
      executable: Deno.execPath(),
      main: fileURLToPath(Deno.mainModule),
      pipeline: resolve(project.sources.pipeline.file),
      folder: Deno.cwd(),
    },
  };
  const executor = new SlurmExecutor(destination, detach);
  const onNodes: RequirementLoader = () =>
    Promise.resolve({
      prepare: () => Promise.resolve(ON_NODES),
      check: () => Promise.resolve([]),
    });
  return {
    executor,
    slots: new JobSlots(jobLimit(jobs, plan.slurm.array_limit ?? DEFAULT_LIMIT)),
    requirements: Object.fromEntries(Object.keys(requirements).map((name) => [name, onNodes])),
    async end(say) {
      if (executor.left.length > 0) {
        say(await submitFollowUp(executor.left, destination, rerun));
      }
    },
  };
}

/** The name of all jobs of a store: one call shows them, and no others. */
export async function jobName(pipeline: string, store: Store): Promise<string> {
  const readable = pipeline.replace(/[^\w.-]+/g, "-").slice(0, 40);
  return `${readable}-${(await sha256(store.folder)).slice(0, 10)}`;
}

function jobLimit(jobs: string | undefined, limit: number): number {
  const count = jobs === undefined ? limit : Number(jobs);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new PipelineError(`Cannot run as --jobs must be a whole number from 1: it is "${jobs}"`);
}

/** Slots of which each is a job. */
export class JobSlots implements SlotSource {
  readonly #slots: Slots;

  constructor(limit: number) {
    this.#slots = new Slots({ cpus: limit, memory: Infinity, visibleGpus: [] });
  }

  async acquire(request: Request, urgency: number): Promise<Slot> {
    const job = { cpu: 1, spareCpus: false, gpu: 0, memory: 0 };
    const slot = await this.#slots.acquire(job, urgency);
    return { ...slot, cpus: Math.max(1, request.cpu) };
  }

  /** GPUs are the cluster's. */
  offerGpus(): void {}
}
