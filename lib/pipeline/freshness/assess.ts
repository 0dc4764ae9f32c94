/**
 * The rules of freshness, in one place, for runs, dry runs and `status` alike.
 *
 * 1. An instance whose key is in the store, with all its blobs, does not execute.
 * 2. It is *fresh* if that was its last result too, else *restored*.
 * 3. Any other instance is *stale* and executes.
 *
 * @module
 */
import { readCodeParts } from "../code/code_memo.ts";
import { computeKey, type StageKey } from "./key.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Plan, PlannedInstance } from "../plan/plan.ts";
import { describeDifferences, REASON } from "./reason.ts";
import type { RunState } from "./state.ts";
import type { Store } from "../store/store.ts";

/** What is known of an instance whose producers are up to date. */
export type Assessment =
  | {
    readonly kind: "fresh" | "restored";
    readonly key: StageKey;
    readonly manifest: Manifest;
    readonly reason: string;
  }
  | { readonly kind: "stale"; readonly key: StageKey; readonly reason: string };

/** Assesses instances against a store and the last results. */
export class Assessor {
  readonly #plan: Plan;
  readonly #store: Store;
  readonly #state: RunState;
  readonly #instances: ReadonlyMap<string, PlannedInstance>;

  constructor(plan: Plan, store: Store, state: RunState) {
    this.#plan = plan;
    this.#store = store;
    this.#state = state;
    this.#instances = new Map(plan.instances.map((instance) => [instance.name, instance]));
  }

  /** Assesses one instance. @param manifestOf The up-to-date manifest of each of its producers. */
  async assess(
    instance: PlannedInstance,
    manifestOf: (producer: string) => Manifest,
    isForced: boolean,
  ): Promise<Assessment> {
    const axesOf = (name: string) => this.#instances.get(name)!.axes;
    const previous = this.#state.keyOf(instance.name);
    const last = previous === undefined ? null : this.#store.read(previous);
    const key = await computeKey(this.#plan, instance, axesOf, manifestOf, last);
    const manifest = isForced ? null : this.#find(key.key, last);
    if (manifest && previous === key.key) {
      return { kind: "fresh", key, manifest, reason: REASON.fresh };
    }
    const reason = isForced ? REASON.forced : this.#difference(previous, last, key);
    return manifest
      ? { kind: "restored", key, manifest, reason: `${REASON.restored}: ${reason}` }
      : { kind: "stale", key, reason };
  }

  #find(key: string, last: Manifest | null): Manifest | null {
    if (last?.key !== key) return this.#store.find(key);
    return this.#store.missingBlobs(last).length === 0 ? last : null;
  }

  #difference(previous: string | undefined, last: Manifest | null, key: StageKey): string {
    if (previous === undefined) return REASON.neverRan;
    if (previous === key.key) return REASON.lost;
    if (!last) return REASON.gone;
    const codeOf = (code: string) => readCodeParts(this.#store, code);
    return describeDifferences(last.parts, key.parts, codeOf);
  }
}
