/**
 * Folders that several processes share: how large one is, and who may change it.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Settings of {@link withLock}. */
export interface LockOptions {
  /** The lock file; it stays, empty. */
  path: string;
  signal?: AbortSignal;
  /** Called once if another process holds the lock. */
  onWait(): void;
}

const POLL_MS = 200;

/**
 * Does `work` while this process alone holds a lock, which the system frees if the process dies.
 *
 * @throws the signal's reason, if it aborts while waiting.
 */
export async function withLock<T>(
  { path, signal, onWait }: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  using file = await Deno.open(path, { create: true, write: true });
  for (let waited = false; !await file.tryLock(true); waited = true) {
    if (!waited) onWait();
    await delay(POLL_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
  return await work();
}

/** The size of all files below a folder, in bytes; files that vanish meanwhile count as nothing. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      bytes += isDirectory ? await folderBytes(path) : (await Deno.lstat(path)).size;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return bytes;
}
