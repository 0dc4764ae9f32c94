/**
 * Follows a run's record while it grows: its whole lines with the place where each ends, from which
 * a reader goes on after a lost connection.
 *
 * @module
 */
import { readPart } from "../base/file_part.ts";

/** A line of a record. */
export interface EventLine {
  /** JSON. */
  readonly text: string;
  /** Bytes up to its end. */
  readonly end: number;
}

/** Bytes per read; no engine writes a longer line. */
const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * The whole lines that stand after some place. A line that is half written is left for later, and
 * one that is not JSON, as after a full disk, is skipped.
 *
 * @param from Bytes to pass over; beyond the end, as in another file, there is nothing.
 */
export function readLines(path: string, from: number): { lines: EventLine[]; end: number } {
  const { bytes } = readPart(path, () => from, CHUNK_BYTES) ?? { bytes: new Uint8Array() };
  const lines: EventLine[] = [];
  let start = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
    const text = new TextDecoder().decode(bytes.subarray(start, at));
    start = at + 1;
    if (isEvent(text)) lines.push({ text, end: from + start });
  }
  const isEndless = start === 0 && bytes.length === CHUNK_BYTES;
  return { lines, end: from + (isEndless ? CHUNK_BYTES : start) };
}

function isEvent(text: string): boolean {
  try {
    const event = JSON.parse(text);
    return typeof event === "object" && event !== null && typeof event.event === "string";
  } catch {
    return false;
  }
}
