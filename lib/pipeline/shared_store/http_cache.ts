/**
 * The HTTP cache protocol of Bazel: `GET`, `HEAD` and `PUT` of blobs under `/cas/<SHA-256>` and of
 * entries under `/ac/<key>`. bazel-remote, nginx with WebDAV and others speak it.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { StallError, StallTimer } from "../../base/stall_timer.ts";
import { writeAllSync } from "../../base/write_all.ts";
import { messageOf } from "../../base/message_of.ts";
import type { SharedStoreSettings } from "./settings.ts";
import { Turns } from "./turns.ts";
import { put } from "./upload.ts";

/** A request that a server did not serve. */
export class HttpCacheError extends Error {
  override readonly name = "HttpCacheError";
  /** The server's answer; `null` where there was none. */
  readonly status: number | null;
  /** Whether asking again may help. */
  readonly isTransient: boolean;

  constructor(
    message: string,
    { status = null, isTransient, cause }: {
      status?: number | null;
      isTransient: boolean;
      cause?: unknown;
    },
  ) {
    super(message, { cause });
    this.status = status;
    this.isTransient = isTransient;
  }
}

/** How patient a client is. */
export interface Patience {
  /** Time without a byte after which a request is given up; it is not made again. */
  readonly timeoutMs: number;
  /** Waits before further attempts where a connection breaks or the server has a fault. */
  readonly retryMs: readonly number[];
}

/** What runs use. */
export const PATIENCE: Patience = { timeoutMs: 30_000, retryMs: [200, 1000] };

const REQUESTS_AT_ONCE = 8;
/** Entries are a few kB; one that gathers 100,000 inputs has some 20 MB. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024;
/** A broken transfer that brought less counts as an attempt that failed. */
const PROGRESS_BYTES = 1024 * 1024;

const NO_CONTENT = new Set([404, 410]);

/** A client of one server. All requests together are bounded in number. */
export class HttpCache {
  readonly #settings: SharedStoreSettings;
  readonly #patience: Patience;
  readonly #signal: AbortSignal | null;
  readonly #turns = new Turns(REQUESTS_AT_ONCE);

  /** @param signal Ends every request. */
  constructor(
    settings: SharedStoreSettings,
    { patience = PATIENCE, signal = null }: {
      patience?: Patience;
      signal?: AbortSignal | null;
    } = {},
  ) {
    this.#settings = settings;
    this.#patience = patience;
    this.#signal = signal;
  }

  /** An entry; `null` if the server has none. @throws {HttpCacheError} */
  getEntry(key: string): Promise<Uint8Array | null> {
    return this.#request(async () => {
      using timer = this.#stallTimer();
      const response = await this.#fetch(timer, "GET", `ac/${key}`);
      if (!response) return null;
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const part of response.body ?? []) {
        timer.reset();
        bytes += part.length;
        if (bytes > MAX_ENTRY_BYTES) {
          throw new HttpCacheError(`ac/${key} is too large`, { isTransient: false });
        }
        parts.push(part);
      }
      return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    });
  }

  /** Writes an entry. @throws {HttpCacheError} */
  putEntry(key: string, content: Uint8Array): Promise<void> {
    return this.#put(`ac/${key}`, content.length, () => [content]);
  }

  /** Whether the server has a blob, as far as it says so without sending it. @throws {HttpCacheError} */
  hasBlob(digest: string, bytes: number): Promise<boolean> {
    return this.#request(async () => {
      using timer = this.#stallTimer();
      const response = await this.#fetch(timer, "HEAD", `cas/${digest}`);
      await response?.body?.cancel();
      const length = response?.headers.get("content-length") ?? String(bytes);
      return response !== null && Number(length) === bytes;
    });
  }

  /** Sends a blob from a file, piece by piece. @throws {HttpCacheError} */
  putBlob(digest: string, bytes: number, path: string): Promise<void> {
    return this.#put(`cas/${digest}`, bytes, () => createReadStream(path));
  }

  /**
   * Receives a blob piece by piece into a file, after what is in it already.
   *
   * @returns Whether the server has it.
   * @throws {HttpCacheError} What came stays in the file.
   */
  async getBlob(digest: string, bytes: number, file: Deno.FsFile): Promise<boolean> {
    const received = () => file.statSync().size;
    return await this.#request(() => this.#receive(`cas/${digest}`, bytes, file), received);
  }

  async #receive(path: string, bytes: number, file: Deno.FsFile): Promise<boolean> {
    let at = file.statSync().size;
    if (at > bytes) at = restart(file);
    if (at === bytes) return true;
    using timer = this.#stallTimer();
    const range: Record<string, string> = at > 0 ? { range: `bytes=${at}-` } : {};
    const response = await this.#fetch(timer, "GET", path, range);
    if (!response) return false;
    if (!startsAt(response, at)) at = restart(file);
    file.seekSync(at, Deno.SeekMode.Start);
    for await (const part of response.body ?? []) {
      timer.reset();
      at += part.length;
      // The digest will tell that it is wrong; the disk need not be filled before.
      if (at > bytes) break;
      writeAllSync(file, part);
    }
    if (at >= bytes) return true;
    throw new HttpCacheError(`the connection ended after ${at} of ${bytes} bytes`, {
      isTransient: true,
    });
  }

  #put(
    path: string,
    bytes: number,
    content: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<void> {
    return this.#request(async () => {
      using timer = this.#stallTimer();
      const { address } = this.#settings;
      const status = await put(`${address}/${path}`, bytes, content(), this.#headers(), timer);
      if (status < 200 || status > 299) throw this.#refusal(status);
    });
  }

  /** @returns `null` if the server has no such thing. */
  async #fetch(
    timer: StallTimer,
    method: "GET" | "HEAD",
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response | null> {
    const response = await fetch(`${this.#settings.address}/${path}`, {
      method,
      headers: { ...this.#headers(), ...headers },
      signal: timer.signal,
    });
    timer.reset();
    if (response.ok) return response;
    await response.body?.cancel();
    if (NO_CONTENT.has(response.status)) return null;
    throw this.#refusal(response.status);
  }

  #headers(): Record<string, string> {
    const { authorization } = this.#settings;
    // A compressed answer would have other ranges and another length.
    return { "accept-encoding": "identity", ...authorization ? { authorization } : {} };
  }

  #stallTimer(): StallTimer {
    return new StallTimer(this.#patience.timeoutMs, this.#signal);
  }

  #refusal(status: number): HttpCacheError {
    const remedy = status === 401 || status === 403
      ? this.#settings.authorization
        ? "; it refuses the credentials that it was given"
        : "; set PIPELINE_STORE_TOKEN, or put USER:PASSWORD@ into the address"
      : "";
    const isTransient = status >= 500 || status === 429 || status === 416;
    return new HttpCacheError(`it answers ${status}${remedy}`, { status, isTransient });
  }

  /** Makes attempts in one turn. @param progress Bytes that came so far; much progress is no failure. */
  #request<T>(attempt: () => Promise<T>, progress: () => number = () => 0): Promise<T> {
    return this.#turns.take(async () => {
      for (let failures = 0;;) {
        this.#signal?.throwIfAborted();
        const before = progress();
        try {
          return await attempt();
        } catch (error) {
          this.#signal?.throwIfAborted();
          const known = toCacheError(error);
          if (progress() - before >= PROGRESS_BYTES) failures = 0;
          if (!known.isTransient || failures >= this.#patience.retryMs.length) throw known;
          await delay(this.#patience.retryMs[failures++]);
        }
      }
    });
  }
}

function toCacheError(error: unknown): HttpCacheError {
  if (error instanceof HttpCacheError) return error;
  const isStall = error instanceof StallError;
  const message = isStall ? error.message : `it cannot be reached: ${messageOf(error)}`;
  return new HttpCacheError(message, { isTransient: !isStall, cause: error });
}

function startsAt(response: Response, at: number): boolean {
  if (response.status !== 206) return at === 0;
  return response.headers.get("content-range")?.startsWith(`bytes ${at}-`) ?? false;
}

function restart(file: Deno.FsFile): 0 {
  file.truncateSync(0);
  return 0;
}
