/**
 * What Slurm knows of jobs: its queue, which one call shows for all jobs of a store, and what it
 * remembers of those that left the queue.
 *
 * @module
 */
import { callSlurm, SlurmError } from "./commands.ts";

/** A job in the queue. */
export interface QueuedJob {
  /** As Slurm's commands take it, e.g. `17_3`. */
  readonly id: string;
  /** E.g. `PENDING`, `RUNNING`, `TIMEOUT`. */
  readonly state: string;
  /** The batch that it is part of. */
  readonly batch: string;
  /** Its place in the batch. */
  readonly index: number;
  /** Why it waits, or how it ended; `None` where there is nothing to say. */
  readonly reason: string;
}

/** Array job, index, state, batch and reason: the reason last, as it may hold anything. */
const FORMAT = "%F|%K|%T|%k|%r";

/** States in which a job may still run, or run again. */
const LIVE = new Set([
  "PENDING",
  "RUNNING",
  "SUSPENDED",
  "CONFIGURING",
  "COMPLETING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "RESIZING",
  "SIGNALING",
  "SPECIAL_EXIT",
  "STAGE_OUT",
  "STOPPED",
]);

/** Whether a job in this state may still run, or run again. */
export function isLive(state: string): boolean {
  return LIVE.has(state);
}

/** All jobs of the user, or those of a name, also those that ended lately, in one call. */
export async function readQueue(jobName?: string): Promise<QueuedJob[]> {
  const name = jobName === undefined ? [] : [`--name=${jobName}`];
  const args = ["--me", ...name, "--states=all", "--array", "--noheader"];
  return parseQueue(await callSlurm("squeue", [...args, `--format=${FORMAT}`]));
}

/** Reads what `squeue` prints. */
export function parseQueue(text: string): QueuedJob[] {
  return text.split("\n").filter((line) => line.trim() !== "").flatMap((line) => {
    const [job, index, state, batch, ...reason] = line.trim().split("|");
    // What is not a number would be an argument of Slurm's commands all the same.
    const isOurs = [job, index].every((each) => /^\d{1,10}$/.test(each ?? "")) &&
      batch !== undefined;
    if (!isOurs) return [];
    const id = `${job}_${index}`;
    return [{ id, state, batch, index: Number(index), reason: reason.join("|") }];
  });
}

/** How a job ended that has left the queue. */
export interface JobEnd {
  readonly state: string;
  /** E.g. `NonZeroExitCode`, or the exit code. */
  readonly reason: string;
}

/** What Slurm remembers of a job: its accounting, or else its controller; `null` if nothing. */
export async function recallJob(id: string): Promise<JobEnd | null> {
  try {
    const args = ["-j", id, "-X", "-n", "-P", "-o", "State,ExitCode"];
    const end = parseAccounting(await callSlurm("sacct", args));
    if (end) return end;
  } catch (error) {
    // Without a database for accounting, sacct fails.
    if (!(error instanceof SlurmError)) throw error;
  }
  try {
    return parseJob(await callSlurm("scontrol", ["show", "job", id]));
  } catch (error) {
    if (!(error instanceof SlurmError)) throw error;
    return null;
  }
}

/** Reads `sacct -P -o State,ExitCode`, e.g. `CANCELLED by 1000|0:0`; the last line counts. */
export function parseAccounting(text: string): JobEnd | null {
  const line = text.trim().split("\n").at(-1) ?? "";
  const match = /^([A-Z_]+)[^|]*\|(.+)$/.exec(line);
  return match && { state: match[1], reason: `exit code ${match[2]}` };
}

/** Reads `scontrol show job`. */
export function parseJob(text: string): JobEnd | null {
  const state = /\bJobState=(\S+)/.exec(text)?.[1];
  if (state === undefined) return null;
  const reason = /\bReason=(\S+)/.exec(text)?.[1] ?? "None";
  const code = /\bExitCode=(\S+)/.exec(text)?.[1];
  return { state, reason: reason === "None" && code ? `exit code ${code}` : reason };
}
