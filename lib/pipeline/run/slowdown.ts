/**
 * What a slow choice costs in time: the durations that the lock file or the store has, scaled to
 * the device that a run was given.
 *
 * @module
 */
import { count, formatSeconds } from "../../base/format.ts";
import type { Environment } from "../stage/job.ts";
import type { Plan, PlannedInstance } from "../plan/plan.ts";

/** How long an instance took, and on what. */
export interface PastExecution {
  readonly seconds: number;
  readonly environment: Environment;
}

/** What {@link priceOfSlowness} looks at. */
export interface SlowRun {
  readonly plan: Plan;
  /** What has not ended yet. */
  readonly instances: readonly PlannedInstance[];
  readonly requirement: string;
  readonly slowdownFrom: (past: Environment) => number | null;
  readonly past: (instance: PlannedInstance) => PastExecution | null;
  /** Jobs that may run in parallel. */
  readonly slots: number;
}

/**
 * One line on the time that the run takes now and would take otherwise; `null` where too little is
 * known or nothing is slower.
 */
export function priceOfSlowness(run: SlowRun): string | null {
  const { plan, instances, requirement, slowdownFrom, past, slots } = run;
  const slow = instances.filter(({ stage }) => plan.stages[stage].requires.includes(requirement));
  const known = slow.flatMap((instance) => past(instance) ?? []);
  const factors = known.map(({ environment }) => slowdownFrom(environment));
  if (known.length === 0 || known.length < slow.length || factors.includes(null)) return null;
  const before = known.reduce((sum, { seconds }) => sum + seconds, 0) / slots;
  const now = known.reduce((sum, { seconds }, i) => sum + seconds * factors[i]!, 0) / slots;
  if (now <= before) return null;
  return `The ${count(slow.length, "execution")} that it slows down will take about ` +
    `${formatRoughly(now)} on ${count(slots, "slot")}, in place of ${formatRoughly(before)}.`;
}

/** Minutes are enough for an estimate beyond two of them. */
function formatRoughly(seconds: number): string {
  if (seconds < 120) return formatSeconds(Math.max(1, Math.round(seconds)));
  return formatSeconds(60 * Math.round(seconds / 60)).replace(/ 0 s$/, "");
}
