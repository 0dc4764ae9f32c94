/**
 * What a run would do, by the same rules as a run. Besides an instance's own freshness:
 *
 * 1. An instance with a producer that executes is *pending*: its key is known only afterwards. It
 *    is expected to be cut off where the producers only make again what they made before.
 * 2. Of several instances with one key the first executes, and the others share its result.
 * 3. A run checks the blobs that its jobs read; a damaged one is made again by its producer.
 *
 * @module
 */
import { type Assessment, Assessor } from "./assess.ts";
import type { Manifest } from "../store/manifest.ts";
import { type Plan, type PlannedInstance, producersOf } from "../plan/plan.ts";
import { REASON } from "./reason.ts";
import { type RunState, secondsEstimator } from "./state.ts";
import type { Store } from "../store/store.ts";
import { withProducers } from "../plan/target.ts";
import type { Workspace } from "./workspace.ts";

/** What is known of an instance before a run. */
export type Forecast =
  | Assessment
  | { readonly kind: "shared"; readonly key: Assessment["key"]; readonly reason: string }
  | {
    readonly kind: "pending";
    /** What is likely: an equal input cuts it off, or a changed one makes it execute. */
    readonly expected: "fresh" | "run" | "open";
    readonly reason: string;
  };

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
  /** Whether the blobs are checked that a run would check: hashes their content. */
  readonly verify: boolean;
  /** Which instances the run executes even if they are fresh. @default {() => false} */
  readonly isForced?: (instance: PlannedInstance) => boolean;
}

/** Forecasts a run of the instances that a workspace selects, and of all that they need. */
export async function forecast(
  { plan, store, state, selected }: Workspace,
  { verify, isForced = () => false }: ForecastOptions,
): Promise<ForecastLine[]> {
  const instances = withProducers(plan, selected);
  const forecaster = new Forecaster(plan, store, state, isForced);
  const forecasts = await forecaster.forecast(instances);
  if (verify) await forecaster.verify(instances, forecasts);
  const estimate = secondsEstimator(store, state);
  return instances.map((instance) => toLine(instance, forecasts.get(instance.name)!, estimate));
}

/** Forecasts instances of one plan. */
export class Forecaster {
  readonly #store: Store;
  readonly #assessor: Assessor;
  readonly #isForced: (instance: PlannedInstance) => boolean;

  constructor(
    plan: Plan,
    store: Store,
    state: RunState,
    isForced: (instance: PlannedInstance) => boolean,
  ) {
    this.#store = store;
    this.#assessor = new Assessor(plan, store, state);
    this.#isForced = isForced;
  }

  /** Forecasts instances, which stand after those that they need. */
  async forecast(instances: readonly PlannedInstance[]): Promise<Map<string, Forecast>> {
    const forecasts = new Map<string, Forecast>();
    /** What is up to date. */
    const certain = new Map<string, Manifest>();
    /** That, and what is expected to be made again as it was. */
    const likely = new Map<string, Manifest>();
    const firstOf = new Map<string, string>();
    for (const instance of instances) {
      const isForced = this.#isForced(instance);
      const open = producersOf(instance).filter((name) => !certain.has(name));
      if (open.length > 0) {
        forecasts.set(instance.name, await this.#pending(instance, open, likely));
        continue;
      }
      const assessment = await this.#assess(instance, certain, isForced);
      const { key } = assessment.key;
      const first = firstOf.get(key);
      if (assessment.kind !== "stale") {
        certain.set(instance.name, assessment.manifest);
        likely.set(instance.name, assessment.manifest);
        forecasts.set(instance.name, assessment);
      } else if (first !== undefined && !isForced) {
        const reason = `shares the result of ${first}`;
        forecasts.set(instance.name, { kind: "shared", key: assessment.key, reason });
      } else {
        firstOf.set(key, instance.name);
        const before = this.#store.read(key);
        if (before) likely.set(instance.name, before);
        forecasts.set(instance.name, assessment);
      }
    }
    return forecasts;
  }

  #assess(
    instance: PlannedInstance,
    manifests: ReadonlyMap<string, Manifest>,
    isForced: boolean,
  ): Promise<Assessment> {
    return this.#assessor.assess(instance, (name) => manifests.get(name)!, isForced);
  }

  async #pending(
    instance: PlannedInstance,
    open: readonly string[],
    likely: Map<string, Manifest>,
  ): Promise<Forecast> {
    const after = `after ${open[0]}${open.length > 1 ? ` and ${open.length - 1} more` : ""}`;
    if (this.#isForced(instance)) {
      return { kind: "pending", expected: "run", reason: `${REASON.forced}, ${after}` };
    }
    if (!open.every((name) => likely.has(name))) {
      const reason = `${after}; cut off if that changes nothing it reads`;
      return { kind: "pending", expected: "open", reason };
    }
    const assessment = await this.#assess(instance, likely, false);
    if (assessment.kind === "stale") {
      return { kind: "pending", expected: "run", reason: `${assessment.reason}; ${after}` };
    }
    likely.set(instance.name, assessment.manifest);
    const reason = `${after}; expected to be cut off, as that is only made again`;
    return { kind: "pending", expected: "fresh", reason };
  }

  /** Finds the damaged blobs that a run would find, and what it would then make again. */
  async verify(
    instances: readonly PlannedInstance[],
    forecasts: Map<string, Forecast>,
  ): Promise<void> {
    for (const instance of [...instances].reverse()) {
      if (forecasts.get(instance.name)!.kind !== "stale") continue;
      for (const { instance: name, output } of instance.inputs.flatMap((each) => each.producers)) {
        const producer = forecasts.get(name)!;
        if (!("manifest" in producer)) continue;
        const record = producer.manifest.outputs[output];
        if (record.kind !== "table" || await this.#store.verify(record.file)) continue;
        forecasts.set(name, { kind: "stale", key: producer.key, reason: REASON.lost });
      }
    }
  }
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
