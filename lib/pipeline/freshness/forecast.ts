/**
 * Forecasts of a run, for people and programs.
 *
 * @module
 */
import { findDamage } from "./damage.ts";
import { type Forecast, Forecaster } from "./forecaster.ts";
import { type PlannedInstance, producersOf } from "../plan/plan.ts";
import type { PublicationReads } from "./reads.ts";
import { secondsEstimator } from "./state.ts";
import { withProducers } from "../plan/target.ts";
import type { Workspace } from "./workspace.ts";

/** An instance with what a run would do with it. */
export interface ForecastLine {
  readonly instance: string;
  readonly outcome: "fresh" | "restore" | "run" | "pending";
  /** Of a pending instance what is likely. */
  readonly expected?: "fresh" | "run" | "open";
  readonly reason: string;
  readonly key: string | null;
  /** Duration of its last execution, or else of its stage's; `null` where none ever ran. */
  readonly expectedSeconds: number | null;
  readonly needs: readonly string[];
}

/** What a forecast assumes of the run. */
export interface ForecastOptions {
  /**
   * Checks the blobs that a run would check, which hashes their content: those that jobs read, and
   * those that are named here. @default {none is checked}
   */
  readonly publicationReads?: PublicationReads;
  /** Which instances the run executes even if they are fresh. @default {() => false} */
  readonly isForced?: (instance: PlannedInstance) => boolean;
}

/** Forecasts a run of the instances that a workspace selects, and of all that they need. */
export async function forecast(
  { plan, store, state, selected }: Workspace,
  { publicationReads, isForced = () => false }: ForecastOptions = {},
): Promise<ForecastLine[]> {
  const instances = withProducers(plan, selected);
  const forecaster = new Forecaster(plan, store, state, isForced);
  const forecasts = await forecaster.forecast(instances);
  if (publicationReads) await findDamage({ store, instances, forecasts, publicationReads });
  const estimate = secondsEstimator(store, state);
  return instances.map((instance) => toLine(instance, forecasts.get(instance.name)!, estimate));
}

function toLine(
  instance: PlannedInstance,
  forecast: Forecast,
  estimate: (instance: string) => number | null,
): ForecastLine {
  const outcome = {
    fresh: "fresh",
    restored: "restore",
    shared: "restore",
    stale: "run",
    pending: "pending",
  } as const;
  const executes = forecast.kind === "stale" ||
    (forecast.kind === "pending" && forecast.expected !== "fresh");
  return {
    instance: instance.name,
    outcome: outcome[forecast.kind],
    ...forecast.kind === "pending" ? { expected: forecast.expected } : {},
    reason: forecast.reason,
    key: "key" in forecast ? forecast.key.key : null,
    expectedSeconds: executes ? estimate(instance.name) : 0,
    needs: producersOf(instance),
  };
}
