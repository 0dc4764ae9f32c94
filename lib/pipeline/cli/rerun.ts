/**
 * Executes cached instances once more, in a store of their own, and compares what comes out with
 * what is in the store.
 *
 * @module
 */
import { dirname } from "node:path";
import { compareResults } from "../run/compare_outputs.ts";
import { canonicalJson } from "../base/json.ts";
import { computeKey, type StageKey } from "../freshness/key.ts";
import type { LoadedPlan } from "../plan/load.ts";
import type { KeyParts, Manifest } from "../store/manifest.ts";
import { type PlannedInstance, producersOf } from "../plan/plan.ts";
import { Scratch } from "../base/scratch.ts";
import { Session, type SessionOptions } from "../run/session.ts";
import { blobsOf, Store } from "../store/store.ts";
import type { Workspace } from "../freshness/workspace.ts";

/** A cached result that stands for an instance, but for code that changed since. */
export interface Cached {
  readonly instance: PlannedInstance;
  readonly manifest: Manifest;
  /** The instance's key with the present code. */
  readonly now: StageKey;
}

/** An instance that was executed once more. */
export interface Comparison {
  readonly instance: string;
  readonly stage: string;
  /** What differs; empty if the values agree. */
  readonly differences: readonly string[];
}

/** The cached results that differ from the plan in nothing but their code, if in that. */
export async function findCached({ plan, store, state }: Workspace): Promise<Map<string, Cached>> {
  const axes = new Map(plan.instances.map((instance) => [instance.name, instance.axes]));
  const found = new Map<string, Cached>();
  for (const instance of plan.instances) {
    const key = state.keyOf(instance.name);
    const manifest = key === undefined ? null : store.find(key);
    if (!manifest || producersOf(instance).some((name) => !found.has(name))) continue;
    const now = await computeKey(
      plan,
      instance,
      (name) => axes.get(name)!,
      (name) => found.get(name)!.manifest,
    );
    if (isSameButCode(now.parts, manifest.parts)) {
      found.set(instance.name, { instance, manifest, now });
    }
  }
  return found;
}

function isSameButCode(a: KeyParts, b: KeyParts): boolean {
  return canonicalJson({ ...a, code: "" }) === canonicalJson({ ...b, code: "" });
}

/** Up to `count` of some results, spread evenly, so that no axis value is left out for long. */
export function sample(results: readonly Cached[], count: number): Cached[] {
  const taken = Math.min(count, results.length);
  return Array.from(
    { length: taken },
    (_, i) => results[Math.floor(((i + 0.5) * results.length) / taken)],
  );
}

/** Executes results' instances once more and compares; the store stays as it is. */
export async function rerun(
  options: SessionOptions,
  { plan, code, store }: Workspace,
  chosen: readonly Cached[],
  cached: ReadonlyMap<string, Cached>,
): Promise<Comparison[]> {
  using scratch = new Scratch(store.path("tmp"));
  const apart = new Store(scratch.folder);
  for (const { instance } of chosen) {
    for (const name of producersOf(instance)) lend(store, apart, cached.get(name)!.manifest);
  }
  const loaded: LoadedPlan = { plan, code, installSeconds: 0 };
  using session = new Session(options, loaded, apart, chosen.length);
  const comparisons: Comparison[] = [];
  // Depth by depth, so that what is executed again reads the cached results of other stages, while
  // stages that need nothing from each other share the cores.
  const depths = depthsOf(plan.instances);
  for (const depth of [...new Set(depths.values())].sort((a, b) => a - b)) {
    const members = chosen.filter(({ instance }) => depths.get(instance.name) === depth);
    const names = new Set(members.map(({ instance }) => instance.name));
    const known = [...cached].filter(([name]) => !names.has(name))
      .map(([name, { manifest }]) => [name, manifest] as const);
    if (members.length === 0) continue;
    const { manifests } = await session.run(members.map(({ instance }) => instance), {
      isForced: () => true,
      known: new Map(known),
    });
    for (const { instance: { name, stage }, manifest } of members) {
      const again = manifests.get(name);
      const differences = again
        ? await compareResults(
          { manifest, store },
          { manifest: again, store: apart },
          plan.stages[stage].tolerance,
        )
        : ["it failed"];
      comparisons.push({ instance: name, stage, differences });
    }
  }
  return comparisons;
}

/** The length of the longest way from an instance that needs nothing; producers come first. */
function depthsOf(instances: readonly PlannedInstance[]): Map<string, number> {
  const depths = new Map<string, number>();
  for (const instance of instances) {
    const before = producersOf(instance).map((name) => depths.get(name)!);
    depths.set(instance.name, 1 + Math.max(-1, ...before));
  }
  return depths;
}

/** Makes a result's blobs readable in another store, without copying where links are possible. */
function lend(from: Store, to: Store, manifest: Manifest): void {
  for (const { file } of blobsOf(manifest)) {
    const target = to.blobPath(file);
    Deno.mkdirSync(dirname(target), { recursive: true });
    try {
      Deno.linkSync(from.blobPath(file), target);
    } catch (cause) {
      if (cause instanceof Deno.errors.AlreadyExists) continue;
      Deno.copyFileSync(from.blobPath(file), target);
    }
  }
}
