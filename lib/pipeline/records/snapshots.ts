/**
 * Params and metrics of every instance at some time: as a lock file, a git revision of it or a
 * recorded run has them.
 *
 * @module
 */
import { relative } from "node:path";
import { runChild } from "../../base/child.ts";
import { PipelineError } from "../base/errors.ts";
import { readJsonIfWhole, statIfThere } from "../base/files.ts";
import type { Json } from "../base/json.ts";
import { parseLockFile, readLockFile } from "./lock_file.ts";
import type { Project } from "../config/project.ts";
import { runIds } from "./run_log.ts";
import type { Store } from "../store/store.ts";

/** What is compared of an instance. */
export interface SnapshotEntry {
  readonly params: Readonly<Record<string, Json>>;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Entries by instance, and what the snapshot is called. */
export interface Snapshot {
  readonly label: string;
  readonly entries: Readonly<Record<string, SnapshotEntry>>;
}

/** How many runs an error names. */
const SHOWN_RUNS = 3;

/** The project's lock file as it is now. @throws {PipelineError} if there is none. */
export async function currentSnapshot(project: Project): Promise<Snapshot> {
  const label = relative(Deno.cwd(), project.lockFile);
  const lock = await readLockFile(project.lockFile);
  if (!lock) {
    throw new PipelineError(
      `Cannot compare with ${label} as it is not there: a run of the whole pipeline writes it`,
    );
  }
  return { label, entries: lock.instances };
}

/**
 * The snapshot that a word names: the path of a lock file, the id of a run or a git revision.
 *
 * @throws {PipelineError} if it is none of them.
 */
export async function findSnapshot(
  word: string,
  project: Project,
  store: Store,
): Promise<Snapshot> {
  if (statIfThere(word)?.isFile) {
    return { label: word, entries: (await readLockFile(word))!.instances };
  }
  if (runIds(store).includes(word)) return runSnapshot(word, store);
  return await revisionSnapshot(word, project, store);
}

/** What a run left. @throws {PipelineError} if it did not end. */
export function runSnapshot(id: string, store: Store): Snapshot {
  const keys = readJsonIfWhole<Record<string, string>>(store.path("runs", id, "keys.json"));
  if (!keys) {
    throw new PipelineError(`Cannot compare with run ${id} as it did not end: it has no results`);
  }
  const entries: Record<string, SnapshotEntry> = {};
  for (const [instance, key] of Object.entries(keys)) {
    const manifest = store.read(key);
    if (manifest) entries[instance] = { params: manifest.parts.params, metrics: manifest.metrics };
  }
  return { label: id, entries };
}

async function revisionSnapshot(
  revision: string,
  project: Project,
  store: Store,
): Promise<Snapshot> {
  const path = relative(project.folder, project.lockFile);
  const label = `${revision}:${path}`;
  const args = ["show", `${revision}:./${path}`];
  const shown = await runChild("git", args, { cwd: project.folder });
  if (shown?.success) {
    return { label, entries: (await parseLockFile(shown.stdout, label)).instances };
  }
  const reason = shown === null ? "git is not installed" : shown.stderr.trim().split("\n")[0];
  const ids = runIds(store).slice(-SHOWN_RUNS).reverse();
  throw new PipelineError(
    `Cannot compare with "${revision}" as it must be a lock file, a run ` +
      `(${ids.length > 0 ? `the last are ${ids.join(", ")}` : "none is recorded"}) or a git ` +
      `revision: ${reason}`,
  );
}
