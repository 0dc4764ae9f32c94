/**
 * The locked npm packages behind a stage's code, as a lock file of its own: a stage runs with
 * exactly the packages that its key names, whatever becomes of the project's lock file.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import { readTextIfThere } from "../base/files.ts";

/** A package as Deno's lock file has it. */
export interface LockedPackage {
  readonly integrity?: string;
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
  readonly [field: string]: unknown;
}

/** A lock file of Deno's, as far as it speaks of npm packages. */
export interface LockFile {
  readonly version: string;
  /** Versions by request, e.g. `npm:zod@4.6.7`. */
  readonly specifiers: Readonly<Record<string, string>>;
  /** Packages by id, e.g. `zod@4.6.7`. */
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

/** A lock file that holds nothing. */
export const NO_PACKAGES: LockFile = { version: "5", specifiers: {}, npm: {} };

/** Reads a lock file. @throws {PipelineError} if it is not there, or none. */
export function readLockFile(path: string): LockFile {
  return parseLockFile(path, readTextIfThere(path) ?? "");
}

/** One lock file in place of several that agree. */
export function mergeLockFiles(locks: readonly LockFile[]): LockFile {
  return {
    version: locks[0]?.version ?? NO_PACKAGES.version,
    specifiers: Object.assign({}, ...locks.map(({ specifiers }) => specifiers)),
    npm: Object.assign({}, ...locks.map(({ npm }) => npm)),
  };
}

/** Reads a lock file's text. @throws {PipelineError} if it is none. */
export function parseLockFile(path: string, text: string): LockFile {
  try {
    const { version, specifiers = {}, npm = {} } = JSON.parse(text);
    return { version, specifiers, npm };
  } catch (cause) {
    throw new PipelineError(`Cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * The part of a lock file that some packages need.
 *
 * @param ids Their ids.
 * @throws {PipelineError} if one is not locked.
 */
export function lockedPart(lock: LockFile, ids: Iterable<string>): LockFile {
  const wanted = [...ids].sort();
  const pending = new Set(wanted);
  const npm: Record<string, LockedPackage> = {};
  for (const id of pending) {
    const entry = lock.npm[id];
    if (!entry) throw notLocked(id);
    npm[id] = entry;
    const { dependencies = [], optionalDependencies = [] } = entry;
    for (const name of [...dependencies, ...optionalDependencies]) pending.add(idOf(lock, name));
  }
  const specifiers = wanted.map((id) => {
    const [request, version] = requestOf(id);
    return [request, version];
  });
  const sorted = Object.keys(npm).sort().map((id) => [id, npm[id]]);
  return {
    version: lock.version,
    specifiers: Object.fromEntries(specifiers),
    npm: Object.fromEntries(sorted),
  };
}

/** What names a package exactly, and its version as a lock file writes it: with its peers. */
function requestOf(id: string): [request: string, version: string] {
  const at = id.indexOf("@", 1);
  const [name, version] = [id.slice(0, at), id.slice(at + 1)];
  return [`npm:${name}@${version.split("_", 1)[0]}`, version];
}

/** The id of a dependency, which stands without its version where only one is locked. */
function idOf({ npm }: LockFile, dependency: string): string {
  if (dependency in npm) return dependency;
  return Object.keys(npm).find((id) => id.startsWith(`${dependency}@`)) ?? dependency;
}

function notLocked(id: string): PipelineError {
  return new PipelineError(
    `Cannot tell which code runs as no lock file holds the npm package ${id}: let Deno write one ` +
      '(a deno.json in the project\'s folder, without `"lock": false`), and commit it',
  );
}
