/**
 * What a run would do, as `status` and `-n` show it.
 *
 * @module
 */
import { Assessor, type Forecast } from "./assess.ts";
import { count, formatSeconds } from "./format.ts";
import { loadPlan } from "./load.ts";
import type { PlannedInstance } from "./plan.ts";
import { pastSeconds, RunState } from "./state.ts";
import { Store } from "./store.ts";
import { forcedBy, selectTargets, withProducers } from "./target.ts";
import type { VerbContext } from "./verbs.ts";

/** An instance with what a run would do with it. */
export interface ForecastLine {
  readonly instance: string;
  readonly outcome: "fresh" | "restore" | "run" | "pending";
  readonly reason: string;
  readonly key: string | null;
  /** Duration of its last execution; `null` where it never ran. */
  readonly expectedSeconds: number | null;
}

/** Forecasts a run of the context's targets. */
export async function forecast(context: VerbContext): Promise<ForecastLine[]> {
  const { project, flags } = context;
  const store = new Store(project.artifacts);
  const { plan } = await loadPlan(project, store, context.verbNames);
  const state = new RunState(project, store);
  const targets = selectTargets(plan, context.words);
  const instances = withProducers(plan, targets);
  const isForced = forcedBy(plan, targets, flags.force ?? false, flags["force-from"]);
  const forecasts = await new Assessor(plan, store, state).forecast(instances, isForced);
  return instances.map((instance) => toLine(instance, forecasts.get(instance.name)!, store, state));
}

function toLine(
  { name }: PlannedInstance,
  forecast: Forecast,
  store: Store,
  state: RunState,
): ForecastLine {
  const outcome = {
    fresh: "fresh",
    restored: "restore",
    stale: "run",
    pending: "pending",
  } as const;
  const executes = forecast.kind === "stale" || forecast.kind === "pending";
  return {
    instance: name,
    outcome: outcome[forecast.kind],
    reason: forecast.reason,
    key: "key" in forecast ? forecast.key.key : null,
    expectedSeconds: executes ? pastSeconds(store, state, name) ?? null : 0,
  };
}

/** Prints a forecast for people, or as JSON lines. */
export function printForecast(lines: readonly ForecastLine[], asJson: boolean): void {
  if (asJson) {
    for (const line of lines) console.log(JSON.stringify({ event: "forecast", ...line }));
    return;
  }
  const width = Math.max(...lines.map(({ instance }) => instance.length));
  for (const { instance, outcome, reason, expectedSeconds } of lines) {
    const time = expectedSeconds ? `  (${formatSeconds(expectedSeconds)} last time)` : "";
    console.log(`${outcome.padEnd(8)} ${instance.padEnd(width)}  ${reason}${time}`);
  }
  console.log(summarize(lines));
}

function summarize(lines: readonly ForecastLine[]): string {
  const of = (outcome: ForecastLine["outcome"]) => lines.filter((line) => line.outcome === outcome);
  const executing = [...of("run"), ...of("pending")];
  if (executing.length === 0 && of("restore").length === 0) {
    return `everything is fresh: ${count(lines.length, "instance")}`;
  }
  const known = executing.flatMap(({ expectedSeconds }) => expectedSeconds ?? []);
  const unknown = executing.length - known.length;
  const total = known.reduce((sum, seconds) => sum + seconds, 0);
  const parts = [
    `${of("fresh").length} fresh`,
    `${of("restore").length} to restore`,
    `${of("run").length} to run`,
    `${of("pending").length} pending`,
  ];
  const time = executing.length === 0
    ? ""
    : `; at most ${formatSeconds(total)} of work${unknown ? ` and ${unknown} that never ran` : ""}`;
  return parts.join(", ") + time;
}
