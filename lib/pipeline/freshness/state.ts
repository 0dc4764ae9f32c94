/**
 * Which result each instance had last, so that reasons can compare with it, and so that links to
 * it are made once.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { closeLocked, readJsonIfWhole, writeJson } from "../base/files.ts";
import { sortKeys } from "../base/json.ts";
import { pathName } from "../base/relative_path.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Project } from "../config/project.ts";
import type { Store } from "../store/store.ts";

/** Interval between writes of the state during a run. A kill in between costs only reasons. */
const SAVE_INTERVAL_MS = 1000;
/** A large state is written less often: its writing takes at most one part in this many. */
const SAVE_SHARE = 20;

/** Instance to stage key, of one pipeline and profile. */
export class RunState {
  readonly #store: Store;
  readonly #linkFolder: string;
  readonly #keys: Memory;
  /** When each result that is linked was finished: a key may be executed again. */
  readonly #links: Memory;
  #nextSaveAt = -Infinity;

  constructor(project: Project, store: Store) {
    this.#store = store;
    this.#linkFolder = store.path("latest", project.profile ?? "");
    this.#keys = new Memory(store.path("state", `${project.profile ?? "default"}.json`));
    // Beside the links, so that they are gone together.
    this.#links = new Memory(join(this.#linkFolder, ".links.json"));
  }

  /** The key of an instance's last result. */
  keyOf(instance: string): string | undefined {
    return this.#keys.get(instance);
  }

  /** The last results' keys of all instances that ever ran here, by instance. */
  entries(): [instance: string, key: string][] {
    return this.#keys.entries();
  }

  /** Remembers an instance's result and links it for people. */
  record(instance: string, manifest: Manifest): void {
    const { key, finishedAt } = manifest;
    if (this.#keys.get(instance) === key && this.#links.get(instance) === finishedAt) return;
    this.#store.link(join(this.#linkFolder, pathName(instance)), manifest);
    this.#keys.set(instance, key);
    this.#links.set(instance, finishedAt);
    if (performance.now() > this.#nextSaveAt) this.save();
  }

  /** Writes what changed. */
  save(): void {
    const start = performance.now();
    this.#keys.save();
    this.#links.save();
    const end = performance.now();
    this.#nextSaveAt = end + Math.max(SAVE_INTERVAL_MS, SAVE_SHARE * (end - start));
  }
}

/** A text for each instance, in a file that several engines write. */
class Memory {
  readonly #path: string;
  readonly #texts: Map<string, string>;
  /** What this run learnt; another one may have learnt of other instances meanwhile. */
  #changes: Record<string, string> = {};

  constructor(path: string) {
    this.#path = path;
    this.#texts = new Map(Object.entries(readJsonIfWhole<Record<string, string>>(path) ?? {}));
  }

  get(instance: string): string | undefined {
    return this.#texts.get(instance);
  }

  set(instance: string, text: string): void {
    if (this.#texts.get(instance) === text) return;
    this.#texts.set(instance, text);
    this.#changes[instance] = text;
  }

  entries(): [instance: string, text: string][] {
    return [...this.#texts];
  }

  save(): void {
    if (Object.keys(this.#changes).length === 0) return;
    const folder = dirname(this.#path);
    Deno.mkdirSync(folder, { recursive: true });
    // Serialises engines: what another one saves between reading and writing would be lost.
    const lock = Deno.openSync(folder);
    lock.lockSync(true);
    try {
      const saved = readJsonIfWhole<Record<string, string>>(this.#path);
      // In order, so that the same results leave the same file whichever came first.
      writeJson(this.#path, sortKeys({ ...saved, ...this.#changes }));
    } finally {
      closeLocked(lock);
    }
    this.#changes = {};
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
