/**
 * What is said of a job that ended without a result: which it was, how it ended, where its log is
 * and what to do.
 *
 * @module
 */
import { readPart } from "../base/file_part.ts";
import { SlurmError } from "./commands.ts";
import type { JobEnd } from "./queue.ts";

/** Lines of a job's log that its error shows. */
const SHOWN_LINES = 20;
const SHOWN_BYTES = 16 * 1024;

const REMEDIES: Readonly<Record<string, string>> = {
  TIMEOUT: "raise `slurm.time` (or `slurm.stages.STAGE.time`), or let the stage save checkpoints",
  DEADLINE: "raise `slurm.time`",
  OUT_OF_MEMORY: "raise the stage's `resources: { memory: GiB }`, or `slurm.memory`",
  NODE_FAIL: "run again; the stage goes on from its last checkpoint",
  BOOT_FAIL: "run again, or leave the node out with `slurm.constraint`",
  PREEMPTED: "run again; the stage goes on from its last checkpoint",
  CANCELLED: "run again; the stage goes on from its last checkpoint",
  FAILED: "see its log: a prologue that fails, or a Deno that the node does not see, ends a job so",
};

const UNKNOWN =
  "Slurm does not remember it: see its log, and run again; the stage goes on from its " +
  "last checkpoint";

/** States and reasons that are not the fault of the stage: a job that got further is submitted again. */
const PASSING = new Set(["TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "JobLaunchFailure"]);

/** Whether a job that ended so may be followed by another, if it left a new checkpoint. */
export function isPassing(end: JobEnd | null): boolean {
  return end !== null && (PASSING.has(end.state) || PASSING.has(end.reason));
}

/** The message of a job that ended without a result. */
export function describeEnd(id: string, end: JobEnd | null, log: string): string {
  const state = end ? `ended as ${end.state}${reasonOf(end)}` : "is gone";
  const remedy = end ? REMEDIES[end.state] ?? REMEDIES.FAILED : UNKNOWN;
  const tail = readPart(log, (size) => size - SHOWN_BYTES, SHOWN_BYTES);
  const text = new TextDecoder().decode(tail?.bytes);
  const lines = text.trimEnd().split("\n").slice(-SHOWN_LINES);
  return [
    `Slurm job ${id} ${state} without a result: ${remedy}; its log is ${log}`,
    ...lines.filter((line) => line !== ""),
  ].join("\n");
}

function reasonOf({ reason }: JobEnd): string {
  return reason === "None" || reason === "" ? "" : ` (${reason})`;
}

const REFUSALS: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  {
    pattern: /invalid partition/i,
    remedy: "`sinfo -s` lists the partitions; name one as `slurm.partition`",
  },
  {
    pattern: /generic resource|gres/i,
    remedy: "`sinfo -o %G` lists what GPUs are called; name it as `slurm.gres`, or set it to none",
  },
  {
    pattern: /account|association/i,
    remedy: "`sacctmgr show user $USER -s` lists the accounts; name one as `slurm.account`",
  },
  {
    pattern: /qos/i,
    remedy: "name another `slurm.qos`, or submit fewer jobs at once with `slurm.array_limit`",
  },
  { pattern: /time limit/i, remedy: "lower `slurm.time` to what the partition allows" },
  {
    pattern: /memory|node configuration/i,
    remedy: "no node has that much: lower the stage's `resources`, or `slurm.memory`, or name " +
      "another `slurm.partition`",
  },
  {
    pattern: /array/i,
    remedy: "lower `slurm.array_limit` to what the cluster allows (`scontrol show config`)",
  },
];

/** The message of a submission that Slurm refused. */
export function describeRefusal(error: SlurmError, instances: readonly string[]): string {
  const remedy = REFUSALS.find(({ pattern }) => pattern.test(error.message))?.remedy ??
    "fix what it says in `slurm:` of the pipeline file or the profile";
  const more = instances.length > 1 ? ` and ${instances.length - 1} more` : "";
  return `Cannot submit ${instances[0]}${more} as Slurm refuses it: ${error.message}\n${remedy}`;
}
