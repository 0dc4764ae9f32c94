/**
 * Lock files: for every instance, what it was made from and what it made. They are committed for
 * the profiles whose reports are, and `--frozen` trusts nothing else.
 *
 * @module
 */
import { readJsonIfWhole, readTextIfThere, writeAtomically } from "./files.ts";
import { canonicalJson, type Json, sha256 } from "./json.ts";
import type { Manifest, OutputRecord } from "./manifest.ts";

/** The record of an instance in a lock file. */
export interface LockEntry {
  readonly key: string;
  readonly code: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly locations: Readonly<Record<string, string | null>>;
  readonly seed: number;
  readonly seconds: number;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, OutputRecord>>;
}

/** Entries by instance. */
export type LockEntries = Readonly<Record<string, LockEntry>>;

const HEADER = "# What every instance was made from and what it made. Written by the pipeline.\n";

/** The entry of an up-to-date instance. */
export function lockEntry(manifest: Manifest): LockEntry {
  const { key, parts, environment, metrics, outputs } = manifest;
  return {
    key,
    code: parts.code,
    params: parts.params,
    locations: parts.locations,
    seed: parts.seed,
    seconds: Math.round(manifest.seconds * 1000) / 1000,
    device: environment.device,
    versions: environment.versions,
    metrics,
    outputs,
  };
}

/**
 * Writes a lock file if its content would change.
 *
 * @param memory Where the store remembers what the lock file was last written from.
 * @returns Whether it was written.
 */
export async function writeLockFile(
  path: string,
  entries: LockEntries,
  memory: string,
): Promise<boolean> {
  const content = await sha256(canonicalJson(entries));
  const current = readTextIfThere(path);
  const known = readJsonIfWhole<{ content: string; file: string }>(memory);
  if (known?.content === content && current !== null && known.file === await sha256(current)) {
    return false;
  }
  const { stringify } = await import("yaml");
  const sorted = JSON.parse(canonicalJson({ format: 1, instances: entries }));
  const text = HEADER + stringify(sorted, { lineWidth: 0 });
  if (text !== current) writeAtomically(path, text);
  writeAtomically(memory, canonicalJson({ content, file: await sha256(text) }));
  return text !== current;
}

/** Reads a lock file; `null` if there is none. */
export async function readLockFile(path: string): Promise<LockEntries | null> {
  const text = readTextIfThere(path);
  if (text === null) return null;
  const { parse } = await import("yaml");
  return parse(text).instances as LockEntries;
}
