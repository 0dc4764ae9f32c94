/**
 * Finds what nothing in a store refers to. Roots are the lock files of all profiles, the last
 * results of every profile and the results of recent runs.
 *
 * @module
 */
import { basename, join } from "node:path";
import { PipelineError } from "../base/errors.ts";
import { readJsonIfWhole, statIfThere } from "../base/files.ts";
import { readLockFile } from "./lock_file.ts";
import { profileNames, type Project } from "../config/project.ts";
import { rememberedKeys } from "../code/code_memo.ts";
import { runtimeIn } from "../code/code_store.ts";
import { runIds } from "./run_log.ts";
import type { TaskFolder } from "../slurm/task_folder.ts";
import { blobsOf, type Store } from "../store/store.ts";

/** A file or folder to remove. */
export interface Garbage {
  readonly path: string;
  /** Why it is of no use, in a word or two. */
  readonly what: string;
  readonly bytes: number;
}

/** Runs whose results are kept. */
const RECENT_RUNS = 10;
/** Checkpoints and logs of work that never ended are kept for this long. */
const UNFINISHED_MS = 14 * 24 * 60 * 60 * 1000;

/** What keeps things in use beside lock files, last results and recent runs. */
export interface GarbageOptions {
  /** The time, in milliseconds since 1970. */
  readonly nowMs: number;
  /** Tasks that go on without an engine, maybe for longer than anything unfinished is kept. */
  readonly live: readonly TaskFolder[];
}

/** Finds the garbage of a project's store. */
export async function findGarbage(
  project: Project,
  store: Store,
  { nowMs, live }: GarbageOptions,
): Promise<Garbage[]> {
  const { keys, blobs } = await rootsOf(project, store);
  const codes = new Set<string>();
  const liveKeys = new Set(live.map(({ path }) => basename(path)));
  for (
    const name of live.flatMap((folder) => folder.task().readable.map((path) => basename(path)))
  ) {
    blobs.add(name);
    codes.add(name);
  }
  for (const key of keys) {
    const manifest = store.read(key);
    if (!manifest) continue;
    codes.add(manifest.parts.code);
    for (const { file } of blobsOf(manifest)) blobs.add(file);
  }
  const current = currentCodes(store);
  for (const code of current) codes.add(code);
  for (const code of [...codes]) {
    const runtime = runtimeIn(store.path("stages", code));
    if (runtime !== null) codes.add(runtime);
  }
  const isOld = (path: string) =>
    nowMs - (statIfThere(path)?.mtime?.getTime() ?? 0) > UNFINISHED_MS;
  return [
    ...entries(store, "ac", "result", (name) => !keys.has(stem(name))),
    ...entries(store, "cas", "blob", (name) => !blobs.has(name)),
    ...entries(
      store,
      "logs",
      "log",
      (name, path) => !keys.has(stem(name)) && !liveKeys.has(stem(name)) && isOld(path),
    ),
    ...entries(
      store,
      "checkpoints",
      "checkpoint",
      (name, path) => !liveKeys.has(name) && isOld(path),
    ),
    ...entries(store, "locks", "lock", (name) => name !== "store" && !keys.has(name)),
    ...entries(store, "tmp", "temporary", () => true),
    ...entries(
      store,
      "slurm",
      "job",
      // What is not a task's own, as batches with their logs, serves all of them.
      (name, path) => !(isKey(name) ? liveKeys.has(name) : liveKeys.size > 0) && isOld(path),
    ),
    ...entries(store, "partial", "transfer", (_, path) => isOld(path)),
    ...entries(store, "stages", "code", (name) => name !== "code.json" && !codes.has(stem(name))),
    ...entries(store, "plans", "plan", (_, path) => !isCurrentPlan(path, current)),
    ...deadLinks(store.path("latest")),
  ];
}

async function rootsOf(project: Project, store: Store) {
  const keys = new Set<string>();
  const blobs = new Set<string>();
  const locks = [
    join(project.folder, "pipeline.lock.yaml"),
    ...profileNames(project.folder).map((name) =>
      join(project.folder, "profiles", `${name}.lock.yaml`)
    ),
  ];
  for (const path of locks) {
    for (const entry of Object.values((await readLockFile(path))?.instances ?? {})) {
      keys.add(entry.key);
      for (const { file } of blobsOf(entry)) blobs.add(file);
    }
  }
  const states = names(store.path("state")).filter((name) => !name.endsWith(".lock.json"));
  for (const key of states.flatMap((name) => keysIn(store.path("state", name)))) keys.add(key);
  for (const id of runIds(store).slice(-RECENT_RUNS)) {
    const path = store.path("runs", id, "keys.json");
    // A run that was killed has none.
    if (statIfThere(path)) { for (const key of keysIn(path)) keys.add(key); }
  }
  return { keys, blobs };
}

/** The results that a file refers to. @throws {PipelineError} if that cannot be told. */
function keysIn(path: string): string[] {
  const keys = readJsonIfWhole<Record<string, string>>(path);
  if (keys) return Object.values(keys);
  throw new PipelineError(
    `Cannot tell what is in use as ${path} is damaged: remove it, if what only it refers to may go`,
  );
}

/** The code keys of the modules as they were last seen. */
function currentCodes(store: Store): Set<string> {
  return new Set(rememberedKeys(store.path("stages")));
}

function isCurrentPlan(path: string, codes: ReadonlySet<string>): boolean {
  const plan = readJsonIfWhole<{ codeKeys?: Record<string, string> }>(path);
  return Object.values(plan?.codeKeys ?? { none: "" }).every((code) => codes.has(code));
}

function entries(
  store: Store,
  folder: string,
  what: string,
  isGarbage: (name: string, path: string) => boolean,
): Garbage[] {
  return names(store.path(folder)).flatMap((name) => {
    const path = store.path(folder, name);
    return isGarbage(name, path) ? [{ path, what, bytes: sizeOf(path) }] : [];
  });
}

function deadLinks(folder: string): Garbage[] {
  return names(folder).flatMap((name) => {
    const path = join(folder, name);
    const info = Deno.lstatSync(path);
    if (info.isDirectory) return deadLinks(path);
    return statIfThere(path) === null ? [{ path, what: "dead link", bytes: 0 }] : [];
  });
}

function isKey(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** A key or digest without what follows its first dot. */
function stem(name: string): string {
  return name.split(".", 1)[0];
}

function names(folder: string): string[] {
  return statIfThere(folder) === null
    ? []
    : [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

function sizeOf(path: string): number {
  const info = Deno.lstatSync(path);
  if (!info.isDirectory) return info.size;
  return names(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
