/**
 * The follow-up of a detached run: a small job that waits until all jobs have ended and then runs
 * the same command line, which takes their results and submits what has become ready. The keys of
 * what comes next depend on those results, so that it cannot be submitted before.
 *
 * @module
 */
import { join } from "node:path";
import { callSlurm } from "./commands.ts";
import { prologueLines, quote } from "./sbatch.ts";
import type { Destination } from "./submitter.ts";

/** A command line to run again. */
export interface CommandLine {
  readonly args: readonly string[];
  /** What may hold a password: Slurm keeps scripts where others can read them. */
  readonly env: Readonly<Record<string, string>>;
}

/** Submits the follow-up. @returns What to tell the user. */
export async function submitFollowUp(
  jobs: readonly string[],
  destination: Destination,
  { args, env }: CommandLine,
): Promise<string> {
  Deno.mkdirSync(join(destination.folder, "batches"), { recursive: true });
  const output = await callSlurm("sbatch", followUpArguments(jobs, destination), {
    input: followUpScript(destination, args),
    env,
  });
  const arrays = arraysOf(jobs).length;
  return `${jobs.length} jobs in ${arrays} array${
    arrays === 1 ? "" : "s"
  } are with Slurm, and job ` +
    `${output.trim()} goes on after them; \`status\` shows them`;
}

/** The numbers of the arrays that jobs are part of. */
function arraysOf(jobs: readonly string[]): string[] {
  return [...new Set(jobs.map((job) => job.split("_")[0]))];
}

/** Arguments of `sbatch` for the follow-up: a CPU, and no settings but where it may run. */
export function followUpArguments(
  jobs: readonly string[],
  { folder, jobName, options, launcher }: Destination,
): string[] {
  const log = join(folder, "follow-up.log").replaceAll("%", "%%");
  const { partition, account, qos, constraint, time } = options;
  const settings = Object.entries({ partition, account, qos, constraint, time });
  return [
    "--parsable",
    `--job-name=${jobName}`,
    `--dependency=afterany:${arraysOf(jobs).join(":")}`,
    `--chdir=${launcher.folder}`,
    `--output=${log}`,
    "--cpus-per-task=1",
    ...settings.flatMap(([name, value]) => value === undefined ? [] : [`--${name}=${value}`]),
  ];
}

/** The script of the follow-up. @param args The command line's arguments. */
export function followUpScript(
  { options, launcher }: Destination,
  args: readonly string[],
): string {
  const { executable, main } = launcher;
  const command = [executable, "run", "-A", "--quiet", main, ...args];
  return [
    "#!/bin/bash -l",
    ...prologueLines(options),
    `exec ${command.map(quote).join(" ")}`,
    "",
  ].join("\n");
}
