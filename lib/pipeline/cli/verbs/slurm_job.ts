/**
 * `slurm-job`: what a job runs on its node. It prepares what the stage requires there, runs the
 * stage in a process of its own with the same permissions as anywhere, and leaves events and the
 * result in the task's folder. Near the time limit it asks the stage for a checkpoint and has Slurm
 * start the job again.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../../base/message_of.ts";
import { openCheckpoint } from "../../stage/checkpoint.ts";
import { EXIT, PipelineError } from "../../base/errors.ts";
import type { Task, TaskResult } from "../../execute/executor.ts";
import { LocalExecutor } from "../../execute/local_executor.ts";
import { Preparations } from "../../execute/preparations.ts";
import type { VerbContext } from "../verb.ts";
import { callSlurm } from "../../slurm/commands.ts";
import { EventWriter } from "../../slurm/event_writer.ts";
import { TaskFolder } from "../../slurm/task_folder.ts";

/** How long Slurm may take to end a job that it starts again. */
const REQUEUE_MS = 120_000;

/** Runs the task in the folder that the command line names. */
export async function slurmJob({ words, requirements }: VerbContext): Promise<number> {
  if (words.length !== 1) {
    throw new PipelineError("Cannot run a job as no task's folder is named: Slurm starts this");
  }
  const folder = new TaskFolder(words[0]);
  const task = folder.task();
  folder.restart(task.job.outputFolder);
  const before = openCheckpoint(task.job.checkpointFolder).latest;
  const stop = listen();
  let result = await runTask(task, folder, requirements, stop.signal);
  if (isInterrupted(result) && stop.isAtLimit()) {
    const isFurther = openCheckpoint(task.job.checkpointFolder).latest !== before;
    if (!isFurther) result = withoutProgress();
    else if (await requeue()) await delay(REQUEUE_MS);
  }
  folder.finish(result);
  return result.type === "done" ? EXIT.done : EXIT.stageFailed;
}

/** Listens for Slurm's signals: USR1 near the time limit, TERM when the job is to end. */
function listen(): { signal: AbortSignal; isAtLimit: () => boolean } {
  const controller = new AbortController();
  let isAtLimit = false;
  Deno.addSignalListener("SIGUSR1", () => {
    isAtLimit = true;
    controller.abort();
  });
  Deno.addSignalListener("SIGTERM", () => controller.abort());
  return { signal: controller.signal, isAtLimit: () => isAtLimit };
}

async function runTask(
  task: Task,
  folder: TaskFolder,
  requirements: VerbContext["requirements"],
  signal: AbortSignal,
): Promise<TaskResult> {
  using events = new EventWriter(folder);
  const executor = new LocalExecutor();
  const start = performance.now();
  try {
    const say = (line: string) => events.add({ type: "log", line });
    say(`Slurm job ${jobId()} on ${Deno.hostname()}`);
    const preparations = new Preparations(
      requirements,
      (event) => {
        if (event.event === "note") say(event.text);
        if (event.event === "prepare") {
          events.add({ type: "progress", fraction: event.fraction ?? 0, text: event.text });
        }
      },
      signal,
      0,
    );
    const prepared = await preparations.prepare(task.requires);
    const result = await executor.execute(
      {
        ...task,
        grants: prepared.grants,
        environment: { ...prepared.env, ...visibleGpus() },
        onCrash: prepared.onCrash ?? [],
      },
      events.add,
      signal,
    );
    if (result.type !== "done") return result;
    const { environment } = result;
    const seconds = Math.round(performance.now() - start) / 1000;
    return {
      ...result,
      environment: { ...environment, versions: { ...prepared.versions, ...environment.versions } },
      at: { host: Deno.hostname(), seconds },
    };
  } catch (error) {
    return { type: "failed", message: messageOf(error), interrupted: signal.aborted };
  }
}

/** The job's GPUs, which Slurm names; one that got none is to see none. */
function visibleGpus(): Record<string, string> {
  const gpus = Deno.env.get("CUDA_VISIBLE_DEVICES");
  if (gpus !== undefined) return { CUDA_VISIBLE_DEVICES: gpus };
  // Where the cluster confines jobs to their devices, it need not name them.
  return Deno.env.has("SLURM_JOB_GPUS") ? {} : { CUDA_VISIBLE_DEVICES: "" };
}

function isInterrupted(result: TaskResult): boolean {
  return result.type === "failed" && result.interrupted;
}

function withoutProgress(): TaskResult {
  return {
    type: "failed",
    message: "the job's time limit came before the stage's first new checkpoint: raise " +
      "`slurm.time` or `slurm.grace_seconds`, or let the stage save checkpoints more often",
    interrupted: false,
  };
}

/** Has Slurm start this job again, also while no engine runs; whether it will. */
async function requeue(): Promise<boolean> {
  try {
    await callSlurm("scontrol", ["requeue", jobId()]);
    return true;
  } catch (error) {
    // Then the engine submits another job.
    if (error instanceof PipelineError) return false;
    throw error;
  }
}

function jobId(): string {
  return Deno.env.get("SLURM_JOB_ID") ?? "";
}
