/**
 * The content-addressed store: blobs by their SHA-256, manifests by stage key. Everything enters
 * by a rename within the store, blobs before the manifest that names them.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";
import {
  closeLocked,
  readJsonIfWhole,
  removeIfThere,
  statIfThere,
  temporaryName,
  writeFailure,
  writeJson,
} from "../base/files.ts";
import { digestFile } from "../../base/digest_file.ts";
import type { Manifest, OutputRecord } from "./manifest.ts";
import { Scratch } from "../base/scratch.ts";

/** A store in a folder. */
export class Store {
  readonly folder: string;
  /** Blobs that were found whole in this run. */
  readonly #verified = new Map<string, Promise<boolean>>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Path of a blob. */
  blobPath(digest: string): string {
    return `${this.folder}/cas/${digest}`;
  }

  /** Path of a manifest. */
  manifestPath(key: string): string {
    return `${this.folder}/ac/${key}.json`;
  }

  /** A folder of the store by its purpose. */
  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /**
   * The manifest of a key, if it is whole and every blob that it names is there in full length.
   * A manifest that fails this counts as missing, so that the instance runs again.
   */
  find(key: string): Manifest | null {
    const manifest = this.read(key);
    return manifest && this.missingBlobs(manifest).length === 0 ? manifest : null;
  }

  /** The manifest of a key, if it is whole. */
  read(key: string): Manifest | null {
    const manifest = readJsonIfWhole<Manifest>(this.manifestPath(key));
    return manifest?.key === key ? manifest : null;
  }

  /** Blobs that a manifest names and that are not there, or not in full length. */
  missingBlobs(manifest: Manifest): string[] {
    return blobsOf(manifest).filter(({ file, bytes }) =>
      statIfThere(this.blobPath(file))?.size !== bytes
    ).map(({ file }) => file);
  }

  /** Whether a blob's content is what its name says; read once per run. */
  verify(digest: string): Promise<boolean> {
    let verified = this.#verified.get(digest);
    if (!verified) {
      verified = digestFile(this.blobPath(digest)).then(
        (actual) => actual === digest,
        (cause) => {
          if (cause instanceof Deno.errors.NotFound) return false;
          throw cause;
        },
      );
      this.#verified.set(digest, verified);
    }
    return verified;
  }

  /** Removes a damaged blob, so that what made it runs again. */
  discard(digest: string): void {
    this.#verified.delete(digest);
    removeIfThere(this.blobPath(digest));
  }

  /** Takes a file into the store and returns its digest; the file is gone from where it was. */
  async adopt(path: string): Promise<{ file: string; bytes: number }> {
    const file = await digestFile(path);
    return { file, bytes: this.#place(path, file) };
  }

  /**
   * Takes a file of unknown origin into the store if its content has a digest; removes it if not.
   *
   * @returns Whether the blob is in the store now.
   */
  async receive(path: string, digest: string): Promise<boolean> {
    if (await digestFile(path) === digest) {
      this.#place(path, digest);
      return true;
    }
    removeIfThere(path);
    return false;
  }

  /** Moves a file to where its digest says. @returns Its size in bytes. */
  #place(path: string, digest: string): number {
    const target = this.blobPath(digest);
    try {
      const bytes = Deno.statSync(path).size;
      Deno.mkdirSync(dirname(target), { recursive: true });
      using handle = Deno.openSync(path, { read: true, write: true });
      handle.syncSync();
      // People open blobs through links; none should change one.
      Deno.chmodSync(path, 0o444);
      Deno.renameSync(path, target);
      this.#verified.set(digest, Promise.resolve(true));
      return bytes;
    } catch (cause) {
      throw writeFailure(target, cause);
    }
  }

  /** Copies a file into the store and returns its digest. */
  async import(path: string): Promise<{ file: string; bytes: number }> {
    using scratch = new Scratch(this.path("tmp"));
    const copy = join(scratch.folder, "import");
    try {
      Deno.copyFileSync(path, copy);
    } catch (cause) {
      throw writeFailure(copy, cause);
    }
    return await this.adopt(copy);
  }

  /** Writes a manifest; from now on the execution counts. */
  write(manifest: Manifest): void {
    writeJson(this.manifestPath(manifest.key), manifest);
  }

  /** Links an instance's tables under `latest/`, for people. */
  link(folder: string, manifest: Manifest): void {
    const place = (path: string) => relative(folder, path);
    try {
      Deno.mkdirSync(folder, { recursive: true });
      for (const [name, record] of Object.entries(manifest.outputs)) {
        if (record.kind === "files") continue;
        putLink(join(folder, `${name}.arrow`), place(this.blobPath(record.file)));
      }
      putLink(join(folder, "manifest.json"), place(this.manifestPath(manifest.key)));
    } catch (cause) {
      throw writeFailure(folder, cause);
    }
  }

  /**
   * Keeps other engines from a key, if none of them works on it.
   *
   * @returns A function that ends the claim, as a kill does; `null` if another has the key.
   */
  claim(key: string): (() => void) | null {
    const path = this.path("locks", key);
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
      const file = Deno.openSync(path, { write: true, create: true });
      if (file.tryLockSync(true)) return () => closeLocked(file);
      file.close();
      return null;
    } catch (cause) {
      throw writeFailure(path, cause);
    }
  }
}

/** Makes a link, or puts it in the place of another. */
function putLink(path: string, target: string): void {
  try {
    Deno.symlinkSync(target, path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    const temporary = temporaryName(path);
    Deno.symlinkSync(target, temporary);
    Deno.renameSync(temporary, path);
  }
}

/** Every blob that a manifest names. */
export function blobsOf(
  manifest: { readonly outputs: Readonly<Record<string, OutputRecord>> },
): { readonly file: string; readonly bytes: number }[] {
  return Object.values(manifest.outputs).flatMap((record) =>
    record.kind === "table" ? [record] : Object.values(record.files)
  );
}
