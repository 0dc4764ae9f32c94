/**
 * Submits tasks, those that become ready together as arrays: a cluster's controller serves one call
 * for a thousand jobs as fast as one for a single job.
 *
 * @module
 */
import { openCheckpoint } from "../stage/checkpoint.ts";
import { PipelineError } from "../base/errors.ts";
import type { Task } from "../execute/executor.ts";
import { canonicalJson } from "../base/json.ts";
import type { Batches } from "./batches.ts";
import { callSlurm, SlurmError } from "./commands.ts";
import { describeRefusal } from "./failure.ts";
import { optionsOf, type SlurmOptions } from "../config/slurm_options.ts";
import { patiently } from "./patience.ts";
import { readQueue } from "./queue.ts";
import { type Batch, batchScript, type Launcher, sbatchArguments } from "./sbatch.ts";
import type { TaskFolder } from "./task_folder.ts";

/** A task that Slurm has taken. */
export interface Submission {
  readonly batch: string;
  /** From 1. */
  readonly index: number;
  /** As Slurm's commands take it, e.g. `17_3`. */
  readonly job: string;
}

/** Where jobs of a store go. */
export interface Destination {
  /** The store's folder for Slurm, in which tasks have theirs. */
  readonly folder: string;
  /** Name of every job of this store. */
  readonly jobName: string;
  readonly options: SlurmOptions;
  readonly launcher: Launcher;
}

/** Window for batching tasks into one array. */
const WINDOW_MS = 300;
/** Slurm's default limit to an array is 1,001. */
const LARGEST_ARRAY = 1000;

interface Waiting {
  readonly task: Task;
  readonly folder: TaskFolder;
  readonly resolve: (submission: Submission) => void;
  readonly reject: (error: unknown) => void;
}

/** Submits tasks of one store. */
export class Submitter {
  readonly #destination: Destination;
  readonly #batches: Batches;
  readonly #signal: AbortSignal;
  #waiting: Waiting[] = [];

  /** @param signal Ends waiting for a controller that does not answer. */
  constructor(destination: Destination, batches: Batches, signal: AbortSignal) {
    this.#destination = destination;
    this.#batches = batches;
    this.#signal = signal;
  }

  /** Submits a task. @throws {PipelineError} if Slurm refuses it. */
  submit(task: Task, folder: TaskFolder): Promise<Submission> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, folder, resolve, reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#flush(), WINDOW_MS);
    });
  }

  #flush(): void {
    const groups = Map.groupBy(
      this.#waiting,
      ({ task }) =>
        canonicalJson([task.resources, optionsOf(this.#destination.options, task.stage)]),
    );
    this.#waiting = [];
    for (const members of groups.values()) {
      for (let start = 0; start < members.length; start += LARGEST_ARRAY) {
        void this.#submitBatch(members.slice(start, start + LARGEST_ARRAY));
      }
    }
  }

  async #submitBatch(members: readonly Waiting[]): Promise<void> {
    try {
      const batch = this.#makeBatch(members[0].task, members.map(({ task }) => task.job.key));
      this.#batches.add(batch);
      members.forEach(({ task, folder }, i) => {
        const checkpoint = openCheckpoint(task.job.checkpointFolder).latest;
        folder.submit({ batch: batch.id, index: i + 1, checkpoint });
      });
      const job = await this.#send(batch, members);
      this.#batches.setJob(batch.id, job);
      members.forEach(({ resolve }, i) =>
        resolve({ batch: batch.id, index: i + 1, job: `${job}_${i + 1}` })
      );
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  }

  #makeBatch({ resources, stage }: Task, keys: readonly string[]): Batch {
    const { folder, jobName, options } = this.#destination;
    const id = crypto.randomUUID();
    return {
      id,
      jobName,
      folder: this.#batches.folderOf(id),
      taskFolder: folder,
      keys,
      resources,
      options: optionsOf(options, stage),
    };
  }

  /** Hands a batch to Slurm; where its answer is lost, looks whether it took it. */
  async #send(batch: Batch, members: readonly Waiting[]): Promise<string> {
    const { launcher } = this.#destination;
    const args = sbatchArguments(batch, launcher);
    const script = batchScript(batch, launcher);
    let isRepeated = false;
    try {
      return await patiently(async () => {
        const taken = isRepeated ? await this.#find(batch.id) : null;
        isRepeated = true;
        return taken ?? parseJobNumber(await callSlurm("sbatch", args, { input: script }));
      }, this.#signal);
    } catch (error) {
      throw error instanceof SlurmError ? refusal(error, members) : error;
    }
  }

  /** The number of a batch that Slurm took although its answer was lost. */
  async #find(batch: string): Promise<string | null> {
    const jobs = await readQueue(this.#destination.jobName);
    return jobs.find((job) => job.batch === batch)?.id.split("_")[0] ?? null;
  }
}

function refusal(error: SlurmError, members: readonly Waiting[]): PipelineError {
  const instances = members.map(({ task }) => task.job.instance);
  return new PipelineError(describeRefusal(error, instances), { status: 1, cause: error });
}

/** What `sbatch --parsable` prints: the job's number, and the cluster's name where it has several. */
function parseJobNumber(text: string): string {
  const number = /^(\d+)/m.exec(text)?.[1];
  if (number !== undefined) return number;
  throw new PipelineError(`Cannot tell what sbatch did as it printed ${JSON.stringify(text)}`, {
    status: 1,
  });
}
