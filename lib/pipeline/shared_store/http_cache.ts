/**
 * The HTTP cache protocol of Bazel: `GET`, `HEAD` and `PUT` of blobs under `/cas/<SHA-256>` and of
 * entries under `/ac/<key>`. bazel-remote, nginx with WebDAV and others speak it.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { StallError } from "../../base/stall_timer.ts";
import { messageOf } from "../../base/message_of.ts";
import { PipelineError } from "../base/errors.ts";
import { DamageError } from "./damage_error.ts";
import { openPart, type Part } from "./part.ts";
import { LEAST_BYTES, RateTimer } from "./rate_timer.ts";
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
  /** Time with hardly a byte after which a request is given up; it is not made again. */
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
/** The server has fewer bytes than the range that was asked for. */
const NO_SUCH_RANGE = 416;

/** A client of one server. All its requests, or all of those that share its turns, are bounded. */
export class HttpCache {
  readonly #settings: SharedStoreSettings;
  readonly #patience: Patience;
  readonly #signal: AbortSignal | null;
  readonly #turns: Turns;

  /**
   * @param signal Ends every request.
   * @param turns Bounds the requests of several clients of a server together.
   */
  constructor(
    settings: SharedStoreSettings,
    { patience = PATIENCE, signal = null, turns = new Turns(REQUESTS_AT_ONCE) }: {
      patience?: Patience;
      signal?: AbortSignal | null;
      turns?: Turns;
    } = {},
  ) {
    this.#settings = settings;
    this.#patience = patience;
    this.#signal = signal;
    this.#turns = turns;
  }

  /** A client of the same server that ends with another signal. */
  sibling(signal: AbortSignal): HttpCache {
    return new HttpCache(this.#settings, { patience: this.#patience, signal, turns: this.#turns });
  }

  /**
   * An entry; `null` if the server has none.
   *
   * @throws {HttpCacheError}
   * @throws {DamageError} if it is larger than any entry.
   */
  getEntry(key: string): Promise<Uint8Array | null> {
    return this.#request(async () => {
      using timer = this.#timer();
      const response = await this.#fetch(timer, "GET", `ac/${key}`);
      if (!response) return null;
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const part of response.body ?? []) {
        timer.add(part.length);
        bytes += part.length;
        if (bytes > MAX_ENTRY_BYTES) throw new DamageError(`ac/${key} is too large`);
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
      using timer = this.#timer();
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
   * @throws {DamageError} if the server has fewer bytes.
   * @throws {PipelineError} if the file cannot be written.
   */
  async getBlob(digest: string, bytes: number, path: string): Promise<boolean> {
    using part = openPart(path);
    return await this.#request(
      () => this.#receive(`cas/${digest}`, bytes, part),
      () => part.size,
    );
  }

  async #receive(name: string, bytes: number, part: Part): Promise<boolean> {
    if (part.size > bytes) part.restart();
    if (part.size === bytes) return true;
    using timer = this.#timer();
    const start = part.size;
    const range: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
    const response = await this.#fetch(timer, "GET", name, range);
    if (!response) return false;
    if (!startsAt(response, start)) part.restart();
    // The server has less than what is here already, so that one of the two is wrong.
    if (response.status === NO_SUCH_RANGE) return await this.#receive(name, bytes, part);
    for await (const piece of response.body ?? []) {
      timer.add(piece.length);
      // The digest will tell that it is wrong; the disk need not be filled before.
      if (part.size + piece.length > bytes) return true;
      part.append(piece);
    }
    if (part.size === bytes) return true;
    const message = `${name} has ${part.size} of ${bytes} bytes`;
    part.restart();
    throw new DamageError(message);
  }

  #put(
    path: string,
    bytes: number,
    content: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<void> {
    return this.#request(async () => {
      using timer = this.#timer();
      const { address } = this.#settings;
      const status = await put(`${address}/${path}`, bytes, content(), this.#headers(), timer);
      if (status < 200 || status > 299) throw this.#refusal(status);
    });
  }

  /** @returns `null` if the server has no such thing; an answer with content, or without the range. */
  async #fetch(
    timer: RateTimer,
    method: "GET" | "HEAD",
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response | null> {
    const response = await fetch(`${this.#settings.address}/${path}`, {
      method,
      headers: { ...this.#headers(), ...headers },
      signal: timer.signal,
    });
    timer.restart();
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status === NO_SUCH_RANGE && "range" in headers) return response;
    if (NO_CONTENT.has(response.status)) return null;
    throw this.#refusal(response.status);
  }

  #headers(): Record<string, string> {
    const { authorization } = this.#settings;
    // A compressed answer would have other ranges and another length.
    return { "accept-encoding": "identity", ...authorization ? { authorization } : {} };
  }

  #timer(): RateTimer {
    return new RateTimer(this.#patience.timeoutMs, this.#signal);
  }

  #refusal(status: number): HttpCacheError {
    const remedy = status === 401 || status === 403
      ? this.#settings.authorization
        ? "; it refuses the credentials that it was given"
        : "; set PIPELINE_STORE_TOKEN, or put USER:PASSWORD@ into the address"
      : "";
    const isTransient = status >= 500 || status === 429;
    return new HttpCacheError(`it answers ${status}${remedy}`, { status, isTransient });
  }

  #toCacheError(error: unknown): HttpCacheError {
    if (error instanceof HttpCacheError) return error;
    const isStall = error instanceof StallError;
    const message = isStall
      ? `less than ${LEAST_BYTES / 1024} KiB went through in ${this.#patience.timeoutMs / 1000} s`
      : `it cannot be reached: ${messageOf(error)}`;
    return new HttpCacheError(message, { isTransient: !isStall, cause: error });
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
          // Damage stays, and what is wrong on this machine is not the server's.
          if (error instanceof DamageError || error instanceof PipelineError) throw error;
          const known = this.#toCacheError(error);
          if (progress() - before >= PROGRESS_BYTES) failures = 0;
          if (!known.isTransient || failures >= this.#patience.retryMs.length) throw known;
          await delay(this.#patience.retryMs[failures++]);
        }
      }
    });
  }
}

function startsAt(response: Response, at: number): boolean {
  if (response.status !== 206) return at === 0;
  return response.headers.get("content-range")?.startsWith(`bytes ${at}-`) ?? false;
}
