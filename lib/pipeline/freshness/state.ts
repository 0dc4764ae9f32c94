/**
 * Which result each instance had last, so that reasons can compare with it.
 *
 * @module
 */
import { join } from "node:path";
import { readJsonIfWhole, writeJson } from "../base/files.ts";
import { sortKeys } from "../base/json.ts";
import { pathName } from "../base/relative_path.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Project } from "../config/project.ts";
import type { Store } from "../store/store.ts";

/** How often the state is written while a run goes on. A kill between costs only reasons. */
const SAVE_INTERVAL_MS = 1000;
/** A large state is written less often: its writing takes at most one part in this many. */
const SAVE_SHARE = 20;

/** Instance to stage key, of one pipeline and profile. */
export class RunState {
  readonly #store: Store;
  readonly #path: string;
  readonly #linkFolder: string;
  readonly #keys: Record<string, string>;
  /** What this run learnt; another one may have learnt of other instances meanwhile. */
  #changes: Record<string, string> = {};
  #nextSaveAt = -Infinity;

  constructor(project: Project, store: Store) {
    this.#store = store;
    this.#path = store.path("state", `${project.profile ?? "default"}.json`);
    this.#linkFolder = store.path("latest", project.profile ?? "");
    this.#keys = readJsonIfWhole<Record<string, string>>(this.#path) ?? {};
  }

  /** The key of an instance's last result. */
  keyOf(instance: string): string | undefined {
    return this.#keys[instance];
  }

  /** The last results' keys of all instances that ever ran here, by instance. */
  entries(): [instance: string, key: string][] {
    return Object.entries(this.#keys);
  }

  /** Remembers an instance's result and links it for people. */
  record(instance: string, manifest: Manifest): void {
    if (this.#keys[instance] === manifest.key) return;
    this.#store.link(join(this.#linkFolder, pathName(instance)), manifest);
    this.#keys[instance] = manifest.key;
    this.#changes[instance] = manifest.key;
    if (performance.now() > this.#nextSaveAt) this.save();
  }

  /** Writes what changed. */
  save(): void {
    if (Object.keys(this.#changes).length === 0) return;
    const start = performance.now();
    const saved = readJsonIfWhole<Record<string, string>>(this.#path);
    // In order, so that the same results leave the same file whichever came first.
    writeJson(this.#path, sortKeys({ ...saved, ...this.#changes }));
    this.#changes = {};
    const end = performance.now();
    this.#nextSaveAt = end + Math.max(SAVE_INTERVAL_MS, SAVE_SHARE * (end - start));
  }
}

/** Seconds that an instance's last execution took; `undefined` if there is none. */
export function pastSeconds(store: Store, state: RunState, instance: string): number | undefined {
  const key = state.keyOf(instance);
  return key === undefined ? undefined : store.read(key)?.seconds;
}

/** Estimates executions: by the instance's last one, else by the mean of its stage's; else `null`. */
export function secondsEstimator(
  store: Store,
  state: RunState,
): (instance: string) => number | null {
  const means = new Map<string, number | null>();
  const meanOf = (stage: string) => {
    const past = state.entries().filter(([name]) => stageOf(name) === stage)
      .flatMap(([, key]) => store.read(key)?.seconds ?? []);
    return past.length === 0 ? null : past.reduce((sum, each) => sum + each, 0) / past.length;
  };
  return (instance) => {
    const own = pastSeconds(store, state, instance);
    if (own !== undefined) return own;
    const stage = stageOf(instance);
    if (!means.has(stage)) means.set(stage, meanOf(stage));
    return means.get(stage)!;
  };
}

function stageOf(instance: string): string {
  return instance.split("@", 1)[0];
}
