/**
 * One attempt to get a file over HTTP, going on where an earlier attempt stopped.
 *
 * A range is only asked for together with `If-Range` and the server's validator (RFC 9110, 13.1.5), so
 * that a file that changed meanwhile starts again instead of being spliced.
 *
 * @module
 */
import { writeAll } from "../../base/write_all.ts";
import { StallError, StallTimer } from "../../base/stall_timer.ts";
import { messageOf } from "../../base/message_of.ts";
import { beginPart, partBytes, type PartOrigin, readOrigin, removePart } from "./part_file.ts";
import { parseRetryAfterMs, TransientError } from "./retry.ts";
import { Rate } from "./rate.ts";

/** How far a transfer is. */
export interface TransferProgress {
  /** Bytes that are there, those of earlier attempts included. */
  readonly bytes: number;
  /** Bytes of the whole file, if the server or the caller said so. */
  readonly totalBytes?: number;
  /** Bytes received per second over about the last five seconds; kept bytes do not count. */
  readonly bytesPerSecond: number;
}

/** Options of {@linkcode transfer}. */
export interface TransferOptions {
  /** Size that the file must have, where it is known. */
  readonly bytes?: number;
  readonly onProgress?: (progress: TransferProgress) => void;
  readonly signal?: AbortSignal;
  /** Time without a byte after which the connection is given up. */
  readonly stallTimeoutMs: number;
}

/**
 * Brings `<path>.part` to its full length.
 *
 * @returns whether bytes of an earlier attempt were used
 * @throws {TransientError} if another attempt may succeed: the connection failed, was cut or
 *   stalled, or the server is busy
 * @throws {Error} if the server refuses or the file has another size than it must have
 */
export async function transfer(
  url: string,
  path: string,
  options: TransferOptions,
): Promise<boolean> {
  using stall = new StallTimer(options.stallTimeoutMs, options.signal);
  try {
    const origin = await readOrigin(path, url);
    const response = await fetch(url, {
      headers: rangeHeaders(path, origin),
      signal: stall.signal,
    });
    if (isComplete(response, path)) return true;
    const start = await startOf(response, path, url);
    const total = totalBytes(response, start) ?? options.bytes;
    requireSize(url, total, options.bytes);
    if (start === 0) await beginPart(path, url, response);
    await receive(response, path, { ...options, start, total, stall });
    return start > 0;
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explain(url, error);
  }
}

function rangeHeaders(path: string, origin: PartOrigin | undefined): HeadersInit {
  // Only unencoded bytes can be counted and continued.
  const identity = { "accept-encoding": "identity" };
  if (origin === undefined) return identity;
  return { ...identity, range: `bytes=${partBytes(path)}-`, "if-range": origin.validator };
}

/** Whether the server says that nothing follows the partial file (it was not yet renamed). */
function isComplete(response: Response, path: string): boolean {
  const total = response.headers.get("content-range");
  return response.status === 416 && total === `bytes */${partBytes(path)}`;
}

/** Offset at which the body of the response begins. */
async function startOf(response: Response, path: string, url: string): Promise<number> {
  if (response.status === 200) return 0;
  if (response.status === 206 && rangeOf(response)?.start === partBytes(path)) {
    return partBytes(path);
  }
  await response.body?.cancel();
  if (response.status === 206 || response.status === 416) {
    await removePart(path);
    throw new TransientError(`${url} does not continue where the partial file ends`);
  }
  throw refusal(response, url);
}

function refusal(response: Response, url: string): Error {
  const message = `${url} answered ${response.status} ${response.statusText}`.trimEnd();
  const transient = [408, 425, 429].includes(response.status) || response.status >= 500;
  if (!transient) return new Error(message);
  return new TransientError(
    message,
    parseRetryAfterMs(response.headers.get("retry-after"), Date.now()),
  );
}

function rangeOf(response: Response): { start: number; total?: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
  if (match === null) return undefined;
  return { start: Number(match[1]), total: match[2] === "*" ? undefined : Number(match[2]) };
}

function totalBytes(response: Response, start: number): number | undefined {
  const range = rangeOf(response);
  if (range?.total !== undefined) return range.total;
  const length = response.headers.get("content-length");
  return length === null ? undefined : start + Number(length);
}

function requireSize(url: string, total: number | undefined, expected: number | undefined): void {
  if (expected === undefined || total === expected) return;
  throw new Error(`${url} must have ${expected} bytes: current size is ${total}`);
}

/** Appends the body to the partial file. */
async function receive(
  response: Response,
  path: string,
  options: TransferOptions & { start: number; total: number | undefined; stall: StallTimer },
): Promise<void> {
  const { start, total, stall, onProgress } = options;
  const rate = new Rate();
  let bytes = start;
  using file = await Deno.open(`${path}.part`, { append: true, create: true });
  for await (const chunk of response.body ?? []) {
    stall.reset();
    if (total !== undefined && bytes + chunk.length > total) {
      throw new Error(`the file must have ${total} bytes: the server sends more`);
    }
    await writeAll(file, chunk);
    bytes += chunk.length;
    onProgress?.({ bytes, totalBytes: total, bytesPerSecond: rate.after(chunk.length) });
  }
  if (total !== undefined && bytes < total) {
    throw new TransientError(`the connection ended after ${bytes} of ${total} bytes`);
  }
  await file.sync();
}

/** Failed connections are worth another attempt, a full disk is not. */
function explain(url: string, error: unknown): unknown {
  const reason = messageOf(error);
  const connection = error instanceof TypeError || error instanceof Deno.errors.Http ||
    error instanceof Deno.errors.ConnectionReset || error instanceof StallError;
  return connection ? new TransientError(`${url}: ${reason}`, undefined, { cause: error }) : error;
}
