/**
 * Which result each instance had last, so that reasons can compare with it.
 *
 * @module
 */
import { join } from "node:path";
import { readJsonIfWhole, writeAtomically } from "./files.ts";
import { canonicalJson } from "./json.ts";
import type { Manifest } from "./manifest.ts";
import type { Project } from "./project.ts";
import type { Store } from "./store.ts";

/** How often the state is written while a run goes on. A kill between costs only reasons. */
const SAVE_INTERVAL_MS = 1000;

/** Instance to stage key, of one pipeline and profile. */
export class RunState {
  readonly #store: Store;
  readonly #path: string;
  readonly #linkFolder: string;
  readonly #keys: Record<string, string>;
  #changed = false;
  #savedAt = -Infinity;

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

  /** Keys of all instances that ever ran here. */
  keys(): string[] {
    return Object.values(this.#keys);
  }

  /** Remembers an instance's result and links it for people. */
  record(instance: string, manifest: Manifest): void {
    if (this.#keys[instance] === manifest.key) return;
    this.#store.link(join(this.#linkFolder, instance), manifest);
    this.#keys[instance] = manifest.key;
    this.#changed = true;
    if (performance.now() - this.#savedAt > SAVE_INTERVAL_MS) this.save();
  }

  /** Writes what changed. */
  save(): void {
    if (!this.#changed) return;
    writeAtomically(this.#path, canonicalJson(this.#keys));
    this.#changed = false;
    this.#savedAt = performance.now();
  }
}

/** Seconds that an instance's last execution took; `undefined` if there is none. */
export function pastSeconds(store: Store, state: RunState, instance: string): number | undefined {
  const key = state.keyOf(instance);
  return key === undefined ? undefined : store.read(key)?.seconds;
}
