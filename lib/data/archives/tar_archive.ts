/**
 * Reads chosen files of a `.tar.gz` in one pass, in the order that the caller wants.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
// @ts-types="@types/tar-stream"
import tar from "tar-stream";
import { ArchiveError, safeEntryName, toArchiveError } from "./archive_error.ts";

/** A file of an archive, whole. */
export interface ArchiveFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Options of {@linkcode readTarFiles}. */
export interface TarOptions {
  /** The files to read, in the order in which they are yielded; all must be there, once. */
  readonly names: readonly string[];
  /** Upper limit for one of these files, in bytes. */
  readonly maximumFileBytes: number;
  /** Upper limit for the unpacked archive as a whole, in bytes, so that a bomb is cut short. */
  readonly maximumUnpackedBytes: number;
}

/**
 * Yields the named files of a gzipped tar archive.
 *
 * The archive's own order is free (CIFAR-10's has batches 1, 3, 4, 2, 5): a file that comes early
 * waits in memory for those before it, so memory is bounded by the named files, and the other
 * entries only pass through. The archive is read to its end, which verifies its checksums.
 *
 * @param path path of the archive
 * @throws {ArchiveError} if the archive is damaged or truncated, holds links, devices, escaping or
 *   duplicate names, exceeds a limit, or lacks one of the files
 */
export async function* readTarFiles(
  path: string,
  options: TarOptions,
): AsyncGenerator<ArchiveFile> {
  const waiting = new Map<string, Uint8Array>();
  let next = 0;
  for await (const file of namedFiles(path, options)) {
    waiting.set(file.name, file.bytes);
    for (; waiting.has(options.names[next]); next++) {
      const name = options.names[next];
      const bytes = waiting.get(name)!;
      waiting.delete(name);
      yield { name, bytes };
    }
  }
  if (next < options.names.length) {
    throw new ArchiveError(path, `it must contain ${options.names[next]}: no such entry`);
  }
}

/** The named files in the archive's order. */
async function* namedFiles(path: string, options: TarOptions): AsyncGenerator<ArchiveFile> {
  // Tar files from before POSIX name no format; their headers have checksums all the same.
  const extract = tar.extract({ allowUnknownFormat: true });
  const abort = new AbortController();
  const unpacking = pipeline(
    createReadStream(path, { highWaterMark: 1 << 18 }),
    createGunzip({ chunkSize: 1 << 18 }),
    limitTo(options.maximumUnpackedBytes, path),
    extract,
    { signal: abort.signal },
  );
  // An error of the pipeline also reaches the loop below or the `await` after it.
  unpacking.catch(() => {});
  const seen = new Set<string>();
  try {
    for await (const entry of extract) {
      const name = checkHeader(path, entry.header, seen);
      if (entry.header.type !== "file" || !options.names.includes(name)) {
        entry.resume();
        continue;
      }
      const size = entry.header.size ?? 0;
      requireFileLimit(path, name, size, options.maximumFileBytes);
      yield { name, bytes: await readEntry(entry, size) };
    }
    await unpacking;
  } catch (error) {
    throw toArchiveError(path, error);
  } finally {
    abort.abort();
  }
}

/** Name of an entry that is a file or a directory and was not there before. */
function checkHeader(path: string, header: tar.Headers, seen: Set<string>): string {
  const name = safeEntryName(path, header.name);
  if (header.type !== "file" && header.type !== "directory") {
    throw new ArchiveError(
      path,
      `it must hold nothing but files and directories: ${name} is a ${header.type}`,
    );
  }
  if (header.type === "file" && seen.has(name)) {
    throw new ArchiveError(path, `its entries must be unique: ${name} occurs twice`);
  }
  seen.add(name);
  return name;
}

function requireFileLimit(path: string, name: string, size: number, maximum: number): void {
  if (size <= maximum) return;
  throw new ArchiveError(
    path,
    `${name} must have at most ${maximum} bytes: current size is ${size}`,
  );
}

async function readEntry(entry: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for await (const chunk of entry) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** Passes chunks on until their sum exceeds the limit. */
function limitTo(maximumBytes: number, path: string) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let total = 0;
    for await (const chunk of chunks) {
      total += chunk.length;
      if (total > maximumBytes) {
        throw new ArchiveError(
          path,
          `it must unpack to at most ${maximumBytes} bytes: it has more`,
        );
      }
      yield chunk;
    }
  };
}
