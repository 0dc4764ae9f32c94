/**
 * A part of an execution's log, so that the page can follow it.
 *
 * @module
 */
import { readPart } from "../base/file_part.ts";
import { PipelineError } from "../base/errors.ts";
import type { Store } from "../store/store.ts";

/** Bytes per answer: of a longer log only the end is sent. */
const MAX_BYTES = 256 * 1024;

/** A part of a log. */
export interface LogPart {
  readonly text: string;
  /** Bytes up to the part's start, and to its end. */
  readonly from: number;
  readonly end: number;
}

/**
 * Reads a log from some place on. A log that is shorter has started anew, and is read from its
 * beginning.
 *
 * @param key The stage key.
 * @throws {PipelineError} if it is not a key.
 */
export function readLog(store: Store, key: string, from: number): LogPart {
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new PipelineError("Cannot show a log: that is not a stage key");
  }
  const startOf = (size: number) => Math.max(from > size ? 0 : from, size - MAX_BYTES);
  const part = readPart(store.path("logs", `${key}.log`), startOf, MAX_BYTES);
  if (!part) return { text: "", from: 0, end: 0 };
  const { bytes } = part;
  return { text: new TextDecoder().decode(bytes), from: part.from, end: part.from + bytes.length };
}
