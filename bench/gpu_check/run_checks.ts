/**
 * Runs all checks one after the other within a bounded time.
 *
 * @module
 */
import { formatSeconds } from "../../lib/base/format.ts";
import type { CheckEntry, InstalledMachine, Scale } from "./check.ts";
import type { CheckReport } from "./report.ts";
import { type Outcome, runCheck } from "./run_check.ts";
import { TimeLeft } from "./time_left.ts";

/** What is run. */
export interface Checklist {
  /** Comes first, and says what the others compute with. */
  readonly install: CheckEntry;
  readonly checks: readonly CheckEntry[];
  /** Whether there seems to be a GPU. */
  readonly hasGpu: boolean;
  /** Environment variables of all checks. */
  readonly env: Readonly<Record<string, string>>;
  /** What is not done by then is left out. */
  readonly totalSeconds: number;
}

/** Whom to tell, and who may interrupt. */
export interface RunEvents {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What was found. */
export interface ChecklistResult {
  readonly scale: Scale;
  readonly versions: InstalledMachine["versions"];
  readonly reports: readonly CheckReport[];
}

/** A check is not begun with less time than this: it would only be said to have failed. */
const LEAST_SECONDS = 5;

/** Runs the checks; one that fails changes nothing for the others. */
export async function runChecks(list: Checklist, events: RunEvents): Promise<ChecklistResult> {
  const start = performance.now();
  const secondsLeft = () => list.totalSeconds - (performance.now() - start) / 1000;
  const timeLeft = new TimeLeft();
  const reports: CheckReport[] = [];
  const todo = [list.install, ...list.checks];
  let machine: InstalledMachine = { env: {}, gpus: list.hasGpu ? 1 : 0, versions: {} };

  const scale = (): Scale => machine.gpus > 0 ? "full" : "reduced";
  for (const [place, entry] of todo.entries()) {
    const left = secondsLeft();
    if (left < LEAST_SECONDS || events.signal.aborted) {
      reports.push(notRun(entry, events.signal.aborted ? null : list.totalSeconds));
      continue;
    }
    const inAll = timeLeft.of(todo.slice(place), scale(), left);
    events.print(
      `[${place + 1}/${todo.length}] ${entry.name}: about ${formatSeconds(inAll)} left in all`,
    );
    const outcome = await runCheck(entry, {
      scale: scale(),
      limitSeconds: Math.min(entry.limitSeconds, left),
      env: { ...list.env, ...machine.env },
      say: (text) => events.print(`      ${text}`),
      signal: events.signal,
    });
    const report = reportOf(entry, outcome);
    reports.push(report);
    events.print(`      ${report.status}, ${formatSeconds(outcome.seconds)}${because(report)}`);
    // A download says nothing about the pace of the machine.
    if (entry !== list.install && outcome.kind === "done") {
      timeLeft.add(entry, scale(), outcome.seconds);
    }
    if (outcome.kind === "done" && outcome.result.machine) machine = outcome.result.machine;
    else if (entry === list.install) machine = { ...machine, gpus: 0 };
  }
  return { scale: scale(), versions: machine.versions, reports };
}

function reportOf({ name, remedy }: CheckEntry, outcome: Outcome): CheckReport {
  const { seconds } = outcome;
  if (outcome.kind === "failed") {
    const reason = remedy === undefined ? outcome.reason : `${outcome.reason}; ${remedy}`;
    return { name, status: "failed", seconds, findings: [], reason };
  }
  const { findings } = outcome.result;
  const hasProblem = findings.some(({ status }) => status === "problem");
  return { name, status: hasProblem ? "problem" : "ok", seconds, findings };
}

function notRun({ name }: CheckEntry, totalSeconds: number | null): CheckReport {
  const reason = totalSeconds === null
    ? "interrupted before it began"
    : `no time was left of ${formatSeconds(totalSeconds)}`;
  return { name, status: "not run", seconds: 0, findings: [], reason };
}

function because({ reason }: CheckReport): string {
  return reason === undefined ? "" : `: ${reason}`;
}
