/**
 * Takes the two libraries out of a TensorFlow wheel, verifying each against the wheel's RECORD.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
// @ts-types="@types/yauzl"
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { writeAll } from "../../base/write_all.ts";
import { messageOf } from "../../base/message_of.ts";
import { type LibraryFiles, libraryFiles } from "./library_files.ts";

/** Settings of {@link extractLibraries}. */
export interface ExtractOptions {
  signal?: AbortSignal;
  /** Called with the number of bytes written so far, of both libraries together. */
  onBytes?(bytes: number): void;
  /** The libraries' names. @default {those of this operating system} */
  files?: LibraryFiles;
}

/**
 * Writes both libraries of a wheel into `folder` (which must exist) and syncs them to the disk.
 * Memory stays bounded: the larger library has 0.8 to 1.1 GB.
 *
 * @returns The size in bytes of each library, by name.
 * @throws {Error} if the wheel is damaged, lacks a library, or a library's SHA-256 is not the one
 * in RECORD.
 */
export async function extractLibraries(
  wheelPath: string,
  folder: string,
  { signal, onBytes = () => {}, files = libraryFiles() }: ExtractOptions = {},
): Promise<Record<string, number>> {
  const zip = await openWheel(wheelPath);
  try {
    const entries = await entriesOf(zip);
    const record = await text(await zip.openReadStreamPromise(recordOf(entries)));
    const sizes: Record<string, number> = {};
    let before = 0;
    for (const name of [files.framework, files.api]) {
      const entry = requireEntry(entries, `tensorflow/${name}`);
      const options = { signal, onBytes: (bytes: number) => onBytes(before + bytes) };
      // Data that is damaged may fail before the file is open: the pipeline hears of it.
      const written = await pipeline(
        await zip.openReadStreamPromise(entry),
        (chunks: AsyncIterable<Uint8Array>) => writeHashed(chunks, join(folder, name), options),
      );
      verify(entry.fileName, written.sha256, record);
      sizes[name] = written.bytes;
      before += written.bytes;
    }
    return sizes;
  } finally {
    zip.close();
  }
}

async function openWheel(path: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { autoClose: false });
  } catch (cause) {
    throw new Error(
      `Cannot take the library out of the wheel as it must be a whole zip archive: current value ` +
        `is "${path}" (${messageOf(cause)})`,
      { cause },
    );
  }
}

type Entries = ReadonlyMap<string, Entry>;

async function entriesOf(zip: ZipFile): Promise<Entries> {
  const entries = new Map<string, Entry>();
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  return entries;
}

function recordOf(entries: Entries): Entry {
  const name = [...entries.keys()].find((name) => /^[^/]+\.dist-info\/RECORD$/.test(name));
  return requireEntry(entries, name ?? "*.dist-info/RECORD");
}

function requireEntry(entries: Entries, name: string): Entry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw new Error(
    `Cannot take the library out of the wheel as it must contain ${name}: ` +
      `current value is ${entries.size} entries without it`,
  );
}

async function writeHashed(
  contents: AsyncIterable<Uint8Array>,
  path: string,
  { signal, onBytes }: { signal?: AbortSignal; onBytes(bytes: number): void },
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  using output = await Deno.open(path, { write: true, create: true, truncate: true });
  for await (const chunk of contents) {
    signal?.throwIfAborted();
    hash.update(chunk);
    await writeAll(output, chunk);
    onBytes(bytes += chunk.byteLength);
  }
  await output.sync();
  return { bytes, sha256: hash.digest("base64url") };
}

/** RECORD has lines `path,sha256=<base64url without padding>,size` (PyPA's "Recording installed projects"). */
function verify(name: string, sha256: string, record: string): void {
  const line = record.split("\n").find((line) => line.startsWith(`${name},`));
  const expected = line?.split(",")[1]?.replace(/^sha256=/, "");
  if (sha256 === expected) return;
  throw new Error(
    `Cannot accept ${name} as its SHA-256 must be ${expected ?? "given in the wheel's RECORD"}: ` +
      `current value is ${sha256}. The wheel is damaged or was changed.`,
  );
}
