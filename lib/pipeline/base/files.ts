/**
 * Small file operations that the engine does everywhere: atomic writes, reading what may not be
 * there, and creating folders.
 *
 * @module
 */
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { writeAllSync } from "../../base/write_all.ts";
import { messageOf } from "../../base/message_of.ts";
import { PipelineError } from "./errors.ts";

/** Reads a text, or `null` if the file is not there. */
export function readTextIfThere(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw new PipelineError(`Cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Reads what {@link writeJson} wrote; `null` if it is not there, or is not what was written: half
 * of it, or with a bit that the disk has lost.
 */
export function readJsonIfWhole<T>(path: string): T | null {
  const text = readTextIfThere(path);
  if (text === null) return null;
  const content = text.slice(HEAD_LENGTH, -1);
  if (text !== withChecksum(content)) return null;
  return JSON.parse(content) as T;
}

/**
 * Writes a value as JSON with a checksum, atomically. Keys keep their order: a report lists axes and
 * params as the plan does, whether the plan was compiled or read again.
 *
 * @throws {PipelineError} as {@link writeAtomically}.
 */
export function writeJson(path: string, value: unknown, options?: WriteOptions): void {
  writeAtomically(path, withChecksum(JSON.stringify(value)), options);
}

/** The length of what stands before the content. */
const HEAD_LENGTH = withChecksum("").length - 1;

function withChecksum(content: string): string {
  // Finds damage, which is all that it is for.
  const checksum = crc32(content).toString(16).padStart(8, "0");
  return `{"checksum":"${checksum}","content":${content}}`;
}

/** How a file is written. */
export interface WriteOptions {
  /** Whether to wait for the disk, so that the file survives a power cut. @default {true} */
  readonly isLasting?: boolean;
}

let serial = 0;

/** A name for a temporary neighbour of `path` that no other process or call uses. */
export function temporaryName(path: string): string {
  return `${path}.${Deno.pid}-${serial++}.tmp`;
}

/**
 * Writes a file so that a reader sees the old content or the new one, whole, even after a kill or
 * a power cut.
 *
 * @throws {PipelineError} if the disk is full or the folder cannot be written; the old content stays.
 */
export function writeAtomically(
  path: string,
  content: string | Uint8Array,
  { isLasting = true }: WriteOptions = {},
): void {
  const temporary = temporaryName(path);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    using file = Deno.openSync(temporary, { write: true, create: true, truncate: true });
    writeAllSync(file, bytes);
    if (isLasting) file.syncSync();
    Deno.renameSync(temporary, path);
  } catch (cause) {
    removeIfThere(temporary);
    throw writeFailure(path, cause);
  }
}

/** The error for a failed write, with what to do about it. */
export function writeFailure(path: string, cause: unknown): PipelineError {
  const reason = messageOf(cause);
  const remedy = /os error 28|No space/.test(reason)
    ? "free some space (the verb `gc` removes what no run refers to) and run again"
    : /os error (13|30)|denied|Read-only/.test(reason)
    ? "make the folder writable, or choose another by --artifacts and --reports"
    : "fix it and run again";
  return new PipelineError(`Cannot write ${path}: ${reason}; ${remedy}; nothing is lost`, {
    status: 1,
    cause,
  });
}

/** Removes a file or folder, if it is there. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
}

/** Information about a file, or `null` if it is not there. */
export function statIfThere(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw cause;
  }
}

/**
 * Closes a file that this process has locked. The lock is given up first: a process that is just
 * being started has a copy of the open file for a moment, which would keep the lock.
 */
export function closeLocked(file: Deno.FsFile): void {
  file.unlockSync();
  file.close();
}
