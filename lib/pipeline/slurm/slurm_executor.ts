/**
 * Runs every job on a Slurm cluster: submits it, follows it, finds it again if an engine before
 * this one submitted it, and lets a stage that its time limit stopped go on in another job.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openCheckpoint } from "../stage/checkpoint.ts";
import type { Executor, Task, TaskResult } from "../execute/executor.ts";
import { statIfThere } from "../base/files.ts";
import type { JobEvent } from "../stage/job.ts";
import { Batches } from "./batches.ts";
import { cancelNow } from "./commands.ts";
import { describeEnd, isPassing } from "./failure.ts";
import { type FollowedEnd, Follower, isPaused, type Pace } from "./follower.ts";
import { patiently } from "./patience.ts";
import { isLive, type QueuedJob, readQueue } from "./queue.ts";
import { type Destination, type Submission, Submitter } from "./submitter.ts";
import { TaskFolder } from "./task_folder.ts";

/** Window for calls that share one look at the queue. */
const WINDOW_MS = 200;

const INTERRUPTED: TaskResult = { type: "failed", message: "interrupted", interrupted: true };

/** Starts jobs on a cluster. */
export class SlurmExecutor implements Executor {
  readonly folder: string;
  readonly #destination: Destination;
  readonly #isDetached: boolean;
  readonly #batches: Batches;
  readonly #submitter: Submitter;
  readonly #follower: Follower;
  readonly #stopping = new AbortController();
  /** Jobs that this engine left running. */
  readonly #left: string[] = [];
  /** A look at the queue that is still to come. */
  #nextLook: Promise<readonly QueuedJob[]> | null = null;

  /**
   * @param isDetached Whether jobs are left to themselves once they are submitted.
   * @param pace Polling intervals.
   */
  constructor(destination: Destination, isDetached: boolean, pace?: Pace) {
    this.folder = destination.folder;
    this.#destination = destination;
    this.#isDetached = isDetached;
    this.#batches = new Batches(destination.folder);
    this.#batches.sweep((key) => statIfThere(join(destination.folder, key)) !== null);
    this.#submitter = new Submitter(destination, this.#batches, this.#stopping.signal);
    this.#follower = new Follower(destination.jobName, pace);
  }

  /** Jobs that go on without the engine. */
  get left(): readonly string[] {
    return this.#left;
  }

  async execute(
    task: Task,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<TaskResult> {
    const stop = () => this.#stop();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      return await this.#run(task, onEvent, signal);
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  kill(): void {
    const jobs = this.#follower.jobs();
    if (jobs.length > 0) cancelNow(jobs);
  }

  #stop(): void {
    this.#stopping.abort();
    this.#follower.stop();
  }

  async #run(
    task: Task,
    onEvent: (event: JobEvent) => void,
    signal: AbortSignal,
  ): Promise<TaskResult> {
    const folder = new TaskFolder(task.folder);
    let submission = await this.#find(folder);
    if (!submission) folder.start(task);
    for (;;) {
      submission ??= await this.#submitter.submit(task, folder);
      if (this.#isDetached && !hasResult(folder)) return this.#leave(submission);
      const end = await this.#follower.follow(submission, folder, onEvent);
      if (end.kind === "result") return end.result;
      if (signal.aborted) return INTERRUPTED;
      const log = this.#batches.logOf(submission);
      const message = describeEnd(submission.job, end.end, log);
      if (!mayGoOn(task, folder, end)) return { type: "failed", message, interrupted: false };
      onEvent({ type: "log", line: `${message}\nit got further, and goes on in another job` });
      submission = null;
    }
  }

  #leave({ job }: Submission): TaskResult {
    this.#left.push(job);
    return { type: "detached", message: `it is with Slurm as job ${job}` };
  }

  /** The job that a task was given to before, if it lives or has left a result. */
  async #find(folder: TaskFolder): Promise<Submission | null> {
    const record = folder.submission();
    if (!record) return null;
    const { batch, index } = record;
    const number = this.#batches.jobOf(batch);
    if (hasResult(folder)) return { batch, index, job: `${number}_${index}` };
    const job = (await this.#queue()).find((each) => each.batch === batch && each.index === index);
    return job && isLive(job.state) ? { batch, index, job: job.id } : null;
  }

  /** The queue as it is after this call; calls of one moment share a look at it. */
  #queue(): Promise<readonly QueuedJob[]> {
    const { jobName } = this.#destination;
    return this.#nextLook ??= delay(WINDOW_MS).then(() => {
      this.#nextLook = null;
      return patiently(() => readQueue(jobName), this.#stopping.signal);
    });
  }
}

/** Whether a task has come to its end, be it a failure. */
function hasResult(folder: TaskFolder): boolean {
  const result = folder.result();
  return result !== null && !isPaused(result);
}

/** Whether a job that ended is followed by another: if it got further, and was not at fault. */
function mayGoOn(
  { job }: Task,
  folder: TaskFolder,
  { end, paused }: Extract<FollowedEnd, { kind: "lost" }>,
): boolean {
  const isFurther = openCheckpoint(job.checkpointFolder).latest !== folder.submission()?.checkpoint;
  const isCancelled = end?.state === "CANCELLED";
  return isFurther && !isCancelled && (paused || isPassing(end));
}
