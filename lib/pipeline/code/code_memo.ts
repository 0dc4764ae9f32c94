/**
 * Remembers code keys by the contents of the files that they were computed from, so that a run in
 * which no code changed bundles nothing.
 *
 * @module
 */
import { join } from "node:path";
import type { CodeParts } from "./code_parts.ts";
import { readJsonIfWhole, statIfThere, writeJson } from "../base/files.ts";
import { sha256 } from "../base/json.ts";
import { PackageLock } from "./package_lock.ts";

interface MemoEntry {
  readonly key: string;
  /** Digest of deno.json and deno.lock. */
  readonly lock: string;
  /** Digests of the files by their paths relative to the pipeline's folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** What stands behind a code key, if it was computed with this store. */
export function readCodeParts(store: { path(...parts: string[]): string }, key: string) {
  return readJsonIfWhole<CodeParts>(store.path("stages", `${key}.code.json`));
}

/** Code keys of the modules of one pipeline folder. */
export class CodeMemo {
  readonly #folder: string;
  readonly #memoFolder: string;
  readonly #path: string;
  readonly #entries: Record<string, MemoEntry>;
  readonly #lock: PackageLock;
  readonly #digests = new Map<string, Promise<string | null>>();
  #lockDigest: Promise<string> | null = null;
  #changed = false;

  /**
   * @param folder The pipeline's folder.
   * @param memoFolder Where the memory is kept.
   */
  constructor(folder: string, memoFolder: string) {
    this.#folder = folder;
    this.#memoFolder = memoFolder;
    this.#path = join(memoFolder, "code.json");
    this.#entries = readJsonIfWhole<Record<string, MemoEntry>>(this.#path) ?? {};
    this.#lock = PackageLock.find(folder);
  }

  /** deno.json's path, for the processes of stages. */
  get configPath(): string | null {
    return this.#lock.configPath;
  }

  /** The local files behind a module's code key. */
  filesOf(module: string): string[] {
    return Object.keys(this.#entries[module].files).map((file) => join(this.#folder, file));
  }

  /** The code key of a module, from memory if none of its files changed. */
  async keyOf(module: string): Promise<string> {
    const known = this.#entries[module];
    if (known && await this.#holds(known)) return known.key;
    const { computeCodeKey } = await import("./code_key.ts");
    const { key, parts, files } = await computeCodeKey(this.#folder, module, this.#lock);
    writeJson(join(this.#memoFolder, `${key}.code.json`), parts);
    const digests = await Promise.all(
      files.map(async (file) => [file, await this.#digest(file) ?? ""] as const),
    );
    const lock = await this.#digestOfLock();
    this.#entries[module] = { key, lock, files: Object.fromEntries(digests) };
    this.#changed = true;
    return key;
  }

  /** Whether a module's file is there. */
  has(module: string): boolean {
    return statIfThere(join(this.#folder, module))?.isFile ?? false;
  }

  /** Writes what was learnt. */
  save(): void {
    if (this.#changed) writeJson(this.#path, this.#entries);
    this.#changed = false;
  }

  async #holds(entry: MemoEntry): Promise<boolean> {
    if (entry.lock !== await this.#digestOfLock()) return false;
    const files = Object.entries(entry.files);
    const digests = await Promise.all(files.map(([file]) => this.#digest(file)));
    return files.every(([, digest], i) => digest === digests[i]);
  }

  #digest(file: string): Promise<string | null> {
    let digest = this.#digests.get(file);
    if (!digest) this.#digests.set(file, digest = digestIfThere(join(this.#folder, file)));
    return digest;
  }

  #digestOfLock(): Promise<string> {
    return this.#lockDigest ??= sha256(this.#lock.text);
  }
}

async function digestIfThere(path: string): Promise<string | null> {
  try {
    return await sha256(Deno.readFileSync(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
}
