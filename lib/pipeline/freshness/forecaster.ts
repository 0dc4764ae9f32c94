/**
 * What a run would do with each instance, by the same rules as a run. Besides an instance's own
 * freshness:
 *
 * 1. An instance with a producer that executes is *pending*: its key is known only afterwards. It
 *    is expected to be cut off where the producers only make again what they made before.
 * 2. Of several instances with one key the first executes, and the others share its result.
 *
 * @module
 */
import { type Assessment, Assessor } from "./assess.ts";
import type { Manifest } from "../store/manifest.ts";
import { type Plan, type PlannedInstance, producersOf } from "../plan/plan.ts";
import { REASON } from "./reason.ts";
import type { RunState } from "./state.ts";
import type { Store } from "../store/store.ts";

/** What is known of an instance before a run. */
export type Forecast =
  | Assessment
  | { readonly kind: "shared"; readonly key: Assessment["key"]; readonly reason: string }
  /** What it needs executes; an equal input is likely to cut it off, with this result. */
  | {
    readonly kind: "pending";
    readonly expected: "fresh";
    readonly likely: Manifest;
    readonly reason: string;
  }
  /** What it needs executes; a changed input is likely to make it execute, or nothing is known. */
  | {
    readonly kind: "pending";
    readonly expected: "run" | "open";
    readonly reason: string;
  };

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
    const { manifest } = assessment;
    likely.set(instance.name, manifest);
    const reason = `${after}; expected to be cut off, as that is only made again`;
    return { kind: "pending", expected: "fresh", likely: manifest, reason };
  }
}
