/**
 * Who uses a store: engines share it, and only one that nobody uses is cleaned up.
 *
 * @module
 */
import { dirname } from "node:path";
import { closeLocked, statIfThere, writeFailure } from "../base/files.ts";
import type { Store } from "./store.ts";

/** Shares the store until disposed of; a kill ends it as well. Waits for a clean-up that goes on. */
export function shareStore(store: Store): Disposable {
  const file = openUseFile(store);
  file.lockSync(false);
  return { [Symbol.dispose]: () => closeLocked(file) };
}

/** Takes the store for itself until disposed of; `null` if an engine uses it. */
export function reserveStore(store: Store): Disposable | null {
  const file = openUseFile(store);
  if (file.tryLockSync(true)) return { [Symbol.dispose]: () => closeLocked(file) };
  file.close();
  return null;
}

function openUseFile(store: Store): Deno.FsFile {
  const path = store.path("locks", "store");
  try {
    // Reading is enough for a lock, and all that a read-only store allows.
    if (statIfThere(path)) return Deno.openSync(path);
    Deno.mkdirSync(dirname(path), { recursive: true });
    return Deno.openSync(path, { read: true, write: true, create: true });
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
