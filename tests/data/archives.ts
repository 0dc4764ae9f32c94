/**
 * Makes small archives for tests, sound ones and hostile ones.
 *
 * @module
 */
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
// @ts-types="@types/tar-stream"
import tar from "tar-stream";
import { zipSync } from "fflate";
import type { DataSet, ImageBatch, Split } from "../../lib/data/sets/data_set.ts";

/** An entry of a tar archive; a file unless the header says otherwise. */
export interface TarEntry {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly header?: Partial<tar.Headers>;
}

/** Entries by name, all of them files. */
export type Files = Readonly<Record<string, Uint8Array>>;

export async function makeTarGz(entries: readonly TarEntry[]): Promise<Uint8Array> {
  const pack = tar.pack();
  for (const { name, bytes = new Uint8Array(), header } of entries) {
    pack.entry({ name, size: bytes.length, ...header }, bytes as never);
  }
  pack.finalize();
  return gzipSync(await buffer(pack));
}

export function tarEntries(files: Files): TarEntry[] {
  return Object.entries(files).map(([name, bytes]) => ({ name, bytes }));
}

export function makeZip(files: Files): Uint8Array {
  return zipSync({ ...files });
}

/** Gives the path of a temporary file with these bytes to `use`, and removes it afterwards. */
export async function withFile<T>(
  bytes: Uint8Array,
  use: (path: string) => Promise<T> | T,
): Promise<T> {
  return await withFolder(async (folder) => {
    const path = join(folder, "archive");
    await Deno.writeFile(path, bytes);
    return await use(path);
  });
}

export async function withFolder<T>(use: (path: string) => Promise<T> | T): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Reads a split for its errors only. */
export async function drain(dataSet: DataSet, split: Split = "train"): Promise<ImageBatch[]> {
  return await collect(dataSet.batches(split));
}

/** Bytes that differ from place to place, so that a wrong order shows. */
export function pattern(length: number, seed: number): Uint8Array {
  let state = (seed * 2654435761) >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
