/**
 * What is handed to `sbatch`: its arguments and the script of an array of jobs. Arguments go to the
 * program as they are, without a shell, and what the script is given it finds in files; the only
 * texts in it are quoted paths, and the prologue, which is shell by intent.
 *
 * @module
 */
import { join } from "node:path";
import type { Request } from "../stage/interface.ts";
import type { JobOptions } from "../config/slurm_options.ts";

/** How long before its time limit a stage is asked for a checkpoint, if nothing else is said. */
const GRACE_SECONDS = 120;

/** How this program is started again on a node. */
export interface Launcher {
  /** Deno. */
  readonly executable: string;
  /** Path of the program's main module. */
  readonly main: string;
  /** Path of the pipeline file. */
  readonly pipeline: string;
  /** The folder to start in. */
  readonly folder: string;
}

/** An array of jobs that ask for the same. */
export interface Batch {
  /** Tells batches apart, also where Slurm's answer was lost. */
  readonly id: string;
  /** Name of every job of this store. */
  readonly jobName: string;
  /** Where keys, logs and the job's number are kept. */
  readonly folder: string;
  /** The folder in which each task has one that is called like its key. */
  readonly taskFolder: string;
  readonly keys: readonly string[];
  readonly resources: Request;
  readonly options: JobOptions;
}

/** A file with the keys of a batch, a line each. */
export function keysPath({ folder }: Pick<Batch, "folder">): string {
  return join(folder, "keys");
}

/** Path of the log of one job of a batch. @param index From 1. */
export function logPath(folder: string, index: number | "%a"): string {
  return join(folder, `${index}.log`);
}

/** Arguments of `sbatch` for a batch; the script comes through stdin. */
export function sbatchArguments(batch: Batch, launcher: Launcher): string[] {
  const { resources, options } = batch;
  const memory = resources.memory || options.memory;
  const gres = options.gres ?? "gpu";
  const pairs: [string, string | number | undefined][] = [
    ["job-name", batch.jobName],
    ["comment", batch.id],
    ["array", `1-${batch.keys.length}`],
    ["chdir", launcher.folder],
    // A percent sign starts a pattern there.
    ["output", logPath(batch.folder.replaceAll("%", "%%"), "%a")],
    ["open-mode", "append"],
    ["nodes", 1],
    ["ntasks", 1],
    ["cpus-per-task", Math.max(1, resources.cpu)],
    ["mem", memory ? `${Math.ceil(memory * 1024)}M` : undefined],
    ["gres", resources.gpu > 0 && gres !== "none" ? `${gres}:${resources.gpu}` : undefined],
    ["partition", options.partition],
    ["account", options.account],
    ["qos", options.qos],
    ["constraint", options.constraint],
    ["time", options.time],
    // To the batch process itself, which the script makes Deno.
    ["signal", `B:USR1@${options.grace_seconds ?? GRACE_SECONDS}`],
  ];
  const given = pairs.flatMap(([name, value]) => value === undefined ? [] : [`--${name}=${value}`]);
  return ["--parsable", "--requeue", ...given];
}

/** The script that every job of a batch runs. */
export function batchScript(batch: Batch, launcher: Launcher): string {
  const { executable, main, pipeline } = launcher;
  const command = [executable, "run", "-A", "--quiet", main, "slurm-job", "--file", pipeline];
  return [
    "#!/bin/bash -l",
    ...prologueLines(batch.options),
    `key=$(sed -n "\${SLURM_ARRAY_TASK_ID}p" ${quote(keysPath(batch))}) || exit`,
    `exec ${command.map(quote).join(" ")} ${quote(batch.taskFolder)}/"$key"`,
    "",
  ].join("\n");
}

/** The prologue, in which a command that fails ends the job. */
export function prologueLines({ prologue }: JobOptions): string[] {
  return prologue === undefined ? [] : ["set -e", prologue.trimEnd(), "set +e"];
}

/** A text as one word of the shell, whatever it holds. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
