/**
 * Code bundles in the store: one folder for each, called by its key. A folder is compared with its
 * name before it is executed, so that what runs is what the key says, and nothing needs to wait for
 * the disk when it is written.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";
import { readTextIfThere, removeIfThere, temporaryName, writeFailure } from "../base/files.ts";
import { type CodeBundle, isSourceMap, keyOf, MAIN, runtimeOf } from "./code_bundle.ts";

/** Bundles below a folder. */
export class CodeStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The folder of a bundle. */
  path(key: string): string {
    return join(this.#folder, key);
  }

  /** The folders of a stage's bundle and of the runtime that it starts. */
  pathsOf(key: string): string[] {
    const runtime = runtimeIn(this.path(key));
    return [key, ...runtime === null ? [] : [runtime]].map((each) => this.path(each));
  }

  /** Whether a bundle is there, with the runtime that it starts, just as it was written. */
  isIntact(key: string): boolean {
    const folder = this.path(key);
    if (!isWhole(folder, key)) return false;
    const runtime = runtimeIn(folder);
    return runtime === null || this.isIntact(runtime);
  }

  /** Writes a bundle; where it is there already, its source maps are renewed. */
  write({ key, files }: CodeBundle): void {
    const folder = this.path(key);
    if (isWhole(folder, key)) this.#writeMaps(folder, files);
    else this.#writeFolder(folder, files);
  }

  #writeFolder(folder: string, files: CodeBundle["files"]): void {
    const temporary = temporaryName(folder);
    try {
      for (const [path, content] of files) writeFile(join(temporary, path), content);
      removeIfThere(folder);
      Deno.renameSync(temporary, folder);
    } catch (cause) {
      removeIfThere(temporary);
      // Another engine has written the same.
      if (!isFolder(folder)) throw writeFailure(folder, cause);
    }
  }

  #writeMaps(folder: string, files: CodeBundle["files"]): void {
    for (const [path, content] of files) {
      const target = join(folder, path);
      if (!isSourceMap(path) || readTextIfThere(target) === content) continue;
      const temporary = temporaryName(target);
      try {
        writeFile(temporary, content);
        Deno.renameSync(temporary, target);
      } catch (cause) {
        removeIfThere(temporary);
        throw writeFailure(target, cause);
      }
    }
  }
}

/** The key of the runtime that the bundle in a folder starts; `null` if it starts none. */
export function runtimeIn(folder: string): string | null {
  return runtimeOf(readTextIfThere(join(folder, MAIN)) ?? "");
}

function writeFile(path: string, content: string | Uint8Array): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
}

function isWhole(folder: string, key: string): boolean {
  try {
    return isFolder(folder) && keyOf(contentsOf(folder)) === key;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function contentsOf(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const visit = (at: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(at)) {
      const path = join(at, name);
      if (isDirectory) visit(path);
      else if (!name.endsWith(".tmp")) files.set(relative(folder, path), Deno.readFileSync(path));
    }
  };
  visit(folder);
  return files;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
