/**
 * The report's folder, as far as the engine writes there. Paths come from stages and from shared
 * stores: they may lead nowhere else, not into another profile's report, and to no file that this
 * report has not written.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";
import { digestFile } from "../../base/digest_file.ts";
import { messageOf } from "../../base/message_of.ts";
import { PipelineError } from "../base/errors.ts";
import {
  readJsonIfWhole,
  removeIfThere,
  temporaryName,
  writeFailure,
  writeJson,
} from "../base/files.ts";
import { fold, pathConflict, pathFault } from "../base/relative_path.ts";
import { profileNames, type Project } from "../config/project.ts";
import type { PublicationReads } from "../freshness/reads.ts";
import type { Plan } from "../plan/plan.ts";
import type { Store } from "../store/store.ts";
import { readLockFile } from "./lock_file.ts";
import { committedPath, type PublishedFile, publishedFiles } from "./publish.ts";

/** Where committed tables lie, and nothing else of this kind. */
const TABLE_PATH = /^data\/[^/]*\.arrow$/i;

/** The folder of one profile's report. */
export class ReportFolder {
  readonly #store: Store;
  readonly #project: Project;
  readonly #ledger: Ledger;
  /** Files that were found as they should be, or written. */
  readonly #current = new Set<string>();

  constructor(store: Store, project: Project) {
    this.#store = store;
    this.#project = project;
    this.#ledger = new Ledger(store, project);
  }

  /** Names the blobs that publishing copies: of files that are not there, or are out of date. */
  reads(plan: Plan): PublicationReads {
    return (instance, manifest) => this.missing(publishedFiles(plan, instance, manifest));
  }

  /** The files that are not there, or with another content. */
  async missing(files: readonly PublishedFile[]): Promise<PublishedFile[]> {
    const missing: PublishedFile[] = [];
    for (const file of files) if (!await this.#isCurrent(file)) missing.push(file);
    return missing;
  }

  /**
   * Copies files into the folder, each by a rename. Those that are there with the right content are
   * left alone.
   *
   * @returns The paths that were written.
   * @throws {PipelineError} before anything is written, if one of them may not be; and if a blob
   * turns out to be damaged.
   */
  async publish(files: readonly PublishedFile[]): Promise<Set<string>> {
    this.#assertPaths(files);
    const missing = await this.missing(files);
    for (const file of missing) await this.#assertFree(file);
    this.#ledger.add(missing);
    for (const file of missing) await this.#copy(file);
    return new Set(missing.map(({ path }) => path));
  }

  async #isCurrent(file: PublishedFile): Promise<boolean> {
    const { path, digest, bytes } = file;
    if (this.#current.has(idOf(file))) return true;
    if (pathFault(path) !== null || this.#obstacle(path) !== null) return false;
    const target = this.#target(path);
    const isSame = lstatIfThere(target)?.size === bytes && await digestFile(target) === digest;
    if (isSame) this.#current.add(idOf(file));
    return isSame;
  }

  #target(path: string): string {
    return join(this.#project.reports, path);
  }

  #assertPaths(files: readonly PublishedFile[]): void {
    const others = this.#otherProfiles();
    for (const file of files) {
      const fault = pathFault(file.path);
      if (fault !== null) throw refusal(file, fault);
      const profile = others.get(fold(file.path.split("/")[0]));
      if (profile !== undefined) throw refusal(file, `the folder is profile ${profile}'s`);
      if (!file.isTable && TABLE_PATH.test(file.path)) {
        throw refusal(file, "the place is a committed table's");
      }
    }
    // Instances of one key publish the same files.
    const distinct = [...new Map(files.map((file) => [idOf(file), file])).values()];
    const conflict = pathConflict(distinct.map(({ path }) => path));
    if (!conflict) return;
    const one = distinct.find(({ path }) => path === conflict[0])!;
    const other = distinct.findLast(({ path }) => path === conflict[1])!;
    throw refusal(other, `${one.instance} publishes ${one.path}, and a folder cannot hold both`);
  }

  /** Profiles whose reports lie below this one, by the folded names of their folders. */
  #otherProfiles(): Map<string, string> {
    const { folder, profile } = this.#project;
    const names = profile === null ? profileNames(folder) : [];
    return new Map(names.map((name) => [fold(name), name]));
  }

  /** @throws {PipelineError} if there is something at a file's place that is not this report's. */
  async #assertFree(file: PublishedFile): Promise<void> {
    const obstacle = this.#obstacle(file.path);
    if (obstacle !== null) throw refusal(file, obstacle);
    const target = this.#target(file.path);
    if (!lstatIfThere(target) || await this.#ledger.owns(file.path, target)) return;
    throw refusal(
      file,
      `this report did not write what is at ${target}: move it away and run again`,
    );
  }

  /** What on the way to a path is no folder, or at its place no plain file; `null` if nothing is. */
  #obstacle(path: string): string | null {
    const names = path.split("/");
    for (let i = 1; i <= names.length; i++) {
      const at = this.#target(names.slice(0, i).join("/"));
      const info = lstatIfThere(at);
      if (!info) return null;
      const isFile = i === names.length;
      if (isFile ? info.isFile : info.isDirectory) continue;
      const what = info.isSymlink ? "a link" : info.isDirectory ? "a folder" : "no folder";
      return `${at} is ${what}: move it away and run again`;
    }
    return null;
  }

  async #copy(file: PublishedFile): Promise<void> {
    const target = this.#target(file.path);
    const temporary = temporaryName(target);
    try {
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.copyFileSync(this.#store.blobPath(file.digest), temporary);
      Deno.chmodSync(temporary, 0o644);
      if (await digestFile(temporary) !== file.digest) {
        this.#store.discard(file.digest);
        throw refusal(file, "its stored content is damaged: run again, which makes it anew");
      }
      Deno.renameSync(temporary, target);
      this.#current.add(idOf(file));
    } catch (cause) {
      removeIfThere(temporary);
      throw cause instanceof PipelineError ? cause : writeFailure(target, cause);
    }
  }
}

/** What tells files apart, wherever they come from. */
function idOf({ digest, path }: Pick<PublishedFile, "digest" | "path">): string {
  return `${digest} ${path}`;
}

function refusal({ instance, path }: PublishedFile, reason: string): PipelineError {
  const shown = JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}...` : path);
  return new PipelineError(`Cannot publish ${shown} of ${instance} as ${reason}`, { status: 1 });
}

/**
 * Which files in a report's folder the report has written: a store remembers what it published, and
 * of what others published the lock file has the contents.
 */
class Ledger {
  readonly #path: string;
  /** The report's folder, as it lies from the store: both may be moved together. */
  readonly #folder: string;
  readonly #lockFile: string;
  #owned: Set<string> | null = null;
  #locked: Promise<Set<string>> | null = null;

  constructor(store: Store, project: Project) {
    this.#path = store.path("published", `${project.profile ?? "default"}.json`);
    this.#folder = relative(store.folder, project.reports);
    this.#lockFile = project.lockFile;
  }

  /** Whether the report wrote the file that is at a path. */
  async owns(path: string, target: string): Promise<boolean> {
    if (this.#read().has(path)) return true;
    const locked = await (this.#locked ??= this.#readLocked());
    return locked.has(idOf({ digest: await digestFile(target), path }));
  }

  /** Remembers files, before they are written. */
  add(files: readonly PublishedFile[]): void {
    const owned = this.#read();
    if (files.every(({ path }) => owned.has(path))) return;
    for (const { path } of files) owned.add(path);
    writeJson(this.#path, { ...this.#all(), [this.#folder]: [...owned].sort() });
  }

  #read(): Set<string> {
    return this.#owned ??= new Set(this.#all()[this.#folder]);
  }

  /** Paths by report folder: a store may publish to several. */
  #all(): Readonly<Record<string, readonly string[]>> {
    return readJsonIfWhole<Record<string, string[]>>(this.#path) ?? {};
  }

  async #readLocked(): Promise<Set<string>> {
    const lock = await readLockFile(this.#lockFile);
    return new Set(
      Object.entries(lock?.instances ?? {}).flatMap(([instance, { outputs }]) =>
        Object.entries(outputs).flatMap(([name, record]) =>
          record.kind === "files"
            ? Object.entries(record.files).map(([path, { file }]) => idOf({ digest: file, path }))
            : [idOf({ digest: record.file, path: committedPath(instance, name) })]
        )
      ),
    );
  }
}

function lstatIfThere(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw new PipelineError(`Cannot read ${path}: ${messageOf(cause)}`, { status: 1, cause });
  }
}
