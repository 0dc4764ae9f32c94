/**
 * Follows jobs to their ends: what they send through their folders, and one call for the queue of
 * all of them, the rarer the longer nothing happens.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { TaskResult } from "../execute/executor.ts";
import type { JobEvent } from "../stage/job.ts";
import { callSlurm, SlurmError } from "./commands.ts";
import { isLive, type JobEnd, type QueuedJob, readQueue, recallJob } from "./queue.ts";
import type { Submission } from "./submitter.ts";
import type { TaskFolder } from "./task_folder.ts";

/** How a job ended: with a result, or without one. */
export type FollowedEnd =
  | { readonly kind: "result"; readonly result: TaskResult }
  | {
    readonly kind: "lost";
    readonly end: JobEnd | null;
    /** Whether the stage stopped in an orderly way. */
    readonly paused: boolean;
  };

/** Polling intervals in milliseconds. */
export interface Pace {
  /** At the folders: first, and at the rarest. */
  readonly folders: readonly [number, number];
  /** At the queue: first, and at the rarest. */
  readonly queue: readonly [number, number];
  /** How long a result may take from a node to here once its job has ended. */
  readonly settle: number;
}

const PACE: Pace = { folders: [300, 2000], queue: [1000, 30_000], settle: 15_000 };

interface Followed {
  readonly submission: Submission;
  readonly folder: TaskFolder;
  readonly onEvent: (event: JobEvent) => void;
  readonly resolve: (end: FollowedEnd) => void;
  readonly reject: (error: unknown) => void;
  /** What was last said of its place in the queue. */
  said: string;
  /** Since when the queue does not have it as live. */
  endedAt: number | null;
  end: JobEnd | null;
}

/** Follows the jobs of one store. */
export class Follower {
  readonly #jobName: string;
  readonly #pace: Pace;
  readonly #followed = new Set<Followed>();
  readonly #foldersClock: BackOff;
  readonly #queueClock: BackOff;
  #stopping = false;
  #isLooping = false;

  constructor(jobName: string, pace = PACE) {
    this.#jobName = jobName;
    this.#pace = pace;
    this.#foldersClock = new BackOff(...pace.folders);
    this.#queueClock = new BackOff(...pace.queue);
  }

  /** Follows a job to its end. @param onEvent Receives what the stage sends, and its place. */
  follow(
    submission: Submission,
    folder: TaskFolder,
    onEvent: (event: JobEvent) => void,
  ): Promise<FollowedEnd> {
    return new Promise((resolve, reject) => {
      const fresh = { said: "", endedAt: null, end: null };
      this.#followed.add({ submission, folder, onEvent, resolve, reject, ...fresh });
      this.#hurry();
      if (!this.#isLooping) void this.#loop();
    });
  }

  /** Asks all stages for a checkpoint, and cancels what waits. */
  stop(): void {
    this.#stopping = true;
    this.#hurry();
  }

  /** Jobs that have not ended. */
  jobs(): string[] {
    return [...this.#followed].map(({ submission }) => submission.job);
  }

  #hurry(): void {
    this.#foldersClock.reset();
    this.#queueClock.reset();
  }

  async #loop(): Promise<void> {
    this.#isLooping = true;
    try {
      while (this.#followed.size > 0) {
        this.#readFolders();
        if (this.#followed.size > 0 && this.#queueClock.isDue()) await this.#lookAtQueue();
        await delay(this.#foldersClock.pauseMs);
      }
    } catch (error) {
      for (const each of this.#followed) each.reject(error);
      this.#followed.clear();
    } finally {
      this.#isLooping = false;
    }
  }

  #readFolders(): void {
    let isNews = false;
    for (const each of this.#followed) {
      // First the result: what was sent before it is there then.
      const result = each.folder.result();
      const events = each.folder.readEvents();
      for (const event of events) each.onEvent(event);
      isNews ||= events.length > 0;
      if (result && this.#isFinal(result)) {
        this.#end(each, { kind: "result", result });
        this.#queueClock.reset();
        isNews = true;
      }
    }
    this.#foldersClock.tick(isNews);
  }

  /** A stage that stopped in an orderly way may be started again by Slurm, but not after Ctrl-C. */
  #isFinal(result: TaskResult): boolean {
    return !isPaused(result) || this.#stopping;
  }

  async #lookAtQueue(): Promise<void> {
    if (this.#stopping) await this.#sendStop();
    const queue = await this.#readQueue();
    this.#queueClock.tick(false);
    if (!queue) return;
    const now = performance.now();
    const byPlace = new Map(queue.map((job) => [`${job.batch} ${job.index}`, job]));
    for (const each of [...this.#followed]) {
      const { batch, index } = each.submission;
      const job = byPlace.get(`${batch} ${index}`) ?? null;
      if (job && isLive(job.state)) {
        each.endedAt = null;
        this.#say(each, job);
      } else {
        each.end = job;
        each.endedAt ??= now;
        this.#queueClock.reset();
        await this.#settle(each, now);
      }
    }
  }

  async #readQueue(): Promise<QueuedJob[] | null> {
    try {
      return await readQueue(this.#jobName);
    } catch (error) {
      if (!(error instanceof SlurmError) || !error.isPassing) throw error;
      for (const each of this.#followed) this.#sayText(each, "Slurm's controller does not answer");
      return null;
    }
  }

  #say(each: Followed, { state, reason, id }: QueuedJob): void {
    if (state === "RUNNING" || state === "COMPLETING") {
      if (each.said !== "") this.#sayText(each, `Slurm job ${id} runs`);
      each.said = "";
      return;
    }
    const why = reason === "None" ? state : `${state}: ${reason}`;
    this.#sayText(each, `waits as Slurm job ${id} (${why})`);
  }

  #sayText(each: Followed, text: string): void {
    if (each.said === text) return;
    each.said = text;
    each.onEvent({ type: "progress", fraction: 0, text });
    this.#queueClock.reset();
  }

  /** Ends a job that left the queue, if its result can no longer arrive. */
  async #settle(each: Followed, now: number): Promise<void> {
    const result = each.folder.result();
    if (result && this.#isFinal(result)) return;
    const paused = result !== null && isPaused(result);
    if (!paused && now - each.endedAt! < this.#pace.settle && !this.#stopping) return;
    for (const event of each.folder.readEvents()) each.onEvent(event);
    const end = each.end ?? await recallJob(each.submission.job);
    this.#end(each, { kind: "lost", end, paused });
  }

  #end(each: Followed, end: FollowedEnd): void {
    this.#followed.delete(each);
    each.resolve(end);
  }

  async #sendStop(): Promise<void> {
    const jobs = this.jobs();
    for (const args of [["--state=PENDING"], ["--state=RUNNING", "--batch", "--signal=TERM"]]) {
      // What ended meanwhile cannot be cancelled; what still lives is asked again.
      await callSlurm("scancel", [...args, ...jobs]).catch((error) => {
        if (!(error instanceof SlurmError)) throw error;
      });
    }
  }
}

/** Whether a stage stopped in an orderly way, before its end. */
export function isPaused(result: TaskResult): boolean {
  return result.type === "failed" && result.interrupted;
}

/** A pause that grows while nothing happens. */
class BackOff {
  readonly #shortestMs: number;
  readonly #longestMs: number;
  #pauseMs: number;
  #lastAt = -Infinity;

  constructor(shortestMs: number, longestMs: number) {
    this.#shortestMs = shortestMs;
    this.#longestMs = longestMs;
    this.#pauseMs = shortestMs;
  }

  get pauseMs(): number {
    return this.#pauseMs;
  }

  isDue(): boolean {
    return performance.now() - this.#lastAt >= this.#pauseMs;
  }

  /** Ends a turn. @param isNews Whether something happened in it. */
  tick(isNews: boolean): void {
    this.#lastAt = performance.now();
    this.#pauseMs = isNews ? this.#shortestMs : Math.min(1.5 * this.#pauseMs, this.#longestMs);
  }

  reset(): void {
    this.#pauseMs = this.#shortestMs;
  }
}
