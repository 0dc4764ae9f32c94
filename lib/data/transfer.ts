/**
 * One attempt to get a file over HTTP, going on where an earlier attempt stopped.
 *
 * What has arrived is kept in `<path>.part`, and beside it, in `<path>.part.json`, whose bytes they
 * are: the address and the server's validator (RFC 9110, 8.8). A range is only asked for together
 * with `If-Range`, so that a file that changed meanwhile starts again instead of being spliced.
 *
 * @module
 */
import { parseRetryAfterMs, TransientError } from "./retry.ts";

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

/** Whose bytes a partial file holds. */
interface PartOrigin {
  readonly url: string;
  /** Strong ETag or date of the server, to be sent as `If-Range`. */
  readonly validator: string;
}

/** Bytes of a partial file; 0 if there is none. */
export function partBytes(path: string): number {
  try {
    return Deno.statSync(`${path}.part`).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** Removes a partial file and what is known of it. */
export async function removePart(path: string): Promise<void> {
  for (const name of [`${path}.part`, `${path}.part.json`]) {
    await Deno.remove(name).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
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
  const stall = new StallTimer(options.stallTimeoutMs);
  const signal = AbortSignal.any([stall.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const origin = await readOrigin(path, url);
    const response = await fetch(url, { headers: rangeHeaders(path, origin), signal });
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
  } finally {
    stall.stop();
  }
}

/** The origin of the partial file, if it can be completed from `url`. */
async function readOrigin(path: string, url: string): Promise<PartOrigin | undefined> {
  try {
    const origin: PartOrigin = JSON.parse(await Deno.readTextFile(`${path}.part.json`));
    return origin.url === url && partBytes(path) > 0 ? origin : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
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

/** Starts an empty partial file and notes whose it is, if the server lets it be continued. */
async function beginPart(path: string, url: string, response: Response): Promise<void> {
  await removePart(path);
  const etag = response.headers.get("etag");
  const strong = etag !== null && !etag.startsWith("W/") ? etag : null;
  const validator = strong ?? response.headers.get("last-modified");
  if (validator === null) return;
  const origin: PartOrigin = { url, validator };
  await Deno.writeTextFile(`${path}.part.json`, JSON.stringify(origin));
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

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/** Failed connections are worth another attempt, a full disk is not. */
function explain(url: string, error: unknown): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  const connection = error instanceof TypeError || error instanceof Deno.errors.Http ||
    error instanceof Deno.errors.ConnectionReset || error instanceof StallError;
  return connection ? new TransientError(`${url}: ${reason}`, undefined, { cause: error }) : error;
}

class StallError extends Error {
  override readonly name = "StallError";
}

/** Aborts its signal when nothing was heard for a while. */
class StallTimer {
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout>;

  constructor(private readonly timeoutMs: number) {
    this.#timer = this.start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = this.start();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  private start(): ReturnType<typeof setTimeout> {
    const error = new StallError(`no data for ${this.timeoutMs / 1000} seconds`);
    return setTimeout(() => this.#controller.abort(error), this.timeoutMs);
  }
}

/** Mean rate over a sliding window. */
class Rate {
  static readonly #WINDOW_MS = 5000;
  readonly #samples = [{ timeMs: performance.now(), bytes: 0 }];
  #bytes = 0;

  /** Counts further bytes and returns the rate in bytes per second. */
  after(bytes: number): number {
    const timeMs = performance.now();
    this.#bytes += bytes;
    this.#samples.push({ timeMs, bytes: this.#bytes });
    while (this.#samples.length > 2 && timeMs - this.#samples[1].timeMs > Rate.#WINDOW_MS) {
      this.#samples.shift();
    }
    const [first] = this.#samples;
    return (this.#bytes - first.bytes) / Math.max(1, timeMs - first.timeMs) * 1000;
  }
}
