/**
 * Where a figure comes from: commands, stage keys, cost, hardware and versions.
 *
 * @module
 */
import { formatSeconds } from "../../base/format.ts";
import { shortKey } from "../render/format.ts";
import type { ReportInput, Run } from "./input.ts";
import { runName } from "./measures.ts";

/**
 * The command that brings a figure's runs up to date: the whole pipeline's where it is made from
 * everything or from no run at all, else with a stage or a stage's conditions as targets.
 */
export function commandOf(input: ReportInput, runs: readonly Run[]): string {
  if (runs.length === 0 || runs.length === input.runs.length) return input.command;
  const stages = Map.groupBy(runs, ({ stage }) => stage);
  const targets = [...stages].flatMap(([stage, own]) => {
    const all = input.runs.filter((run) => run.stage === stage);
    return own.length === all.length ? [stage] : [...new Set(own.map(conditionTarget))];
  });
  return withTargets(input.command, targets.join(" "));
}

/** Short keys of the executions behind each run. */
export function keysOf(runs: readonly Run[]): string[] {
  return runs.map((run) =>
    `${runName(run)}: ` +
    Object.entries(run.stageKeys)
      .filter((entry): entry is [string, string] => entry[1] !== undefined)
      .map(([name, key]) => `${name} ${shortKey(key)}`).join(", ")
  );
}

/** "12 runs, 7 min 3 s of training on …". */
export function costOf(runs: readonly Run[]): string {
  if (runs.length === 0) return "no training";
  const seconds = runs.reduce((sum, { cost }) => sum + cost.trainSeconds, 0);
  const places = [...new Set(runs.map(({ cost }) => cost.device))].sort().join(", ");
  return `${runs.length} ${runs.length === 1 ? "run" : "runs"}, ${
    formatSeconds(seconds)
  } of training ` +
    `in all, on ${places}`;
}

/** Versions of the libraries that the runs used; several where runs differ. */
export function versionsOf(runs: readonly Run[]): string[] {
  const names = [...new Set(runs.flatMap(({ cost }) => Object.keys(cost.versions)))].sort();
  return names.map((name) => {
    const versions = runs.flatMap(({ cost }) => cost.versions[name] ?? []);
    return `${name} ${[...new Set(versions)].sort().join(" / ")}`;
  });
}

/** A run's instance without its seed. */
function conditionTarget({ stage, axes }: Run): string {
  const pinned = Object.entries(axes).filter(([axis]) => axis !== "seed");
  return `${stage}@${pinned.map(([axis, value]) => `${axis}=${value}`).join(",")}`;
}

/** Puts targets before the flags: "deno task pipeline TARGET -p smoke". */
function withTargets(command: string, targets: string): string {
  const flags = command.indexOf(" -");
  return flags === -1
    ? `${command} ${targets}`
    : `${command.slice(0, flags)} ${targets}${command.slice(flags)}`;
}
