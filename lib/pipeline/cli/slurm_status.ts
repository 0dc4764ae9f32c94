/**
 * The jobs of a store for `status`: those that an engine left with Slurm, and what became of them.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import { loadPlan } from "../plan/load.ts";
import { Store } from "../store/store.ts";
import type { VerbContext } from "./verb.ts";
import { isLive, type QueuedJob, readQueue } from "../slurm/queue.ts";
import { jobName } from "../slurm/site.ts";
import { type TaskFolder, taskFolders } from "../slurm/task_folder.ts";

/** A job as `status` shows it. */
export interface JobLine {
  readonly instance: string;
  /** `null` where Slurm does not show it. */
  readonly job: string | null;
  readonly state: string;
  /** What the stage said last of its progress. */
  readonly text: string;
}

/** Prints the jobs of the context's store, if there are any. */
export async function printJobs(context: VerbContext): Promise<void> {
  const store = new Store(context.project.artifacts);
  const folders = taskFolders(store.path("slurm"));
  if (folders.length === 0) return;
  const { plan } = await loadPlan(context.project, store, context.verbNames);
  const queue = await queueOrNothing(await jobName(plan.name, store));
  for (const line of folders.flatMap((folder) => describe(folder, queue))) {
    const { instance, job, state, text } = line;
    if (context.flags.json) console.log(JSON.stringify({ event: "slurm", ...line }));
    else console.log(`slurm    ${instance}  ${job ?? "job"} ${state}${text && `: ${text}`}`);
  }
}

/** The queue; `null` where there is no Slurm, or it does not answer. */
async function queueOrNothing(name: string): Promise<readonly QueuedJob[] | null> {
  try {
    return await readQueue(name);
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    console.error(error.message);
    return null;
  }
}

function describe(folder: TaskFolder, queue: readonly QueuedJob[] | null): JobLine[] {
  const record = folder.submission();
  if (!record) return [];
  const { instance } = folder.task().job;
  const job = queue?.find(({ batch, index }) => batch === record.batch && index === record.index);
  const last = folder.readEvents().findLast(({ type }) => type === "progress");
  const progress = last?.type === "progress"
    ? `${Math.round(100 * last.fraction)} % ${last.text}`.trim()
    : "";
  const result = folder.result();
  const line = { instance, job: job?.id ?? null };
  if (result?.type === "done") return [{ ...line, state: "done", text: "the next run takes it" }];
  if (result?.type === "failed") return [{ ...line, state: "failed", text: result.message }];
  if (job && isLive(job.state)) return [{ ...line, state: job.state, text: progress }];
  if (!queue) return [{ ...line, state: "unknown", text: progress }];
  return [{ ...line, state: "gone", text: "the next run submits it again" }];
}
