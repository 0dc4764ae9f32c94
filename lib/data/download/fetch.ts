/**
 * Fetches an archive once, from the first of several places that has it.
 *
 * A file that is complete is never asked for again: a second call needs no network. Deno's `fetch`
 * honours `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";
import { digestsOfFile } from "../../base/digest_file.ts";
import { messageOf } from "../../base/message_of.ts";
import type { Checksum } from "./checksum.ts";
import { DEFAULT_RETRY_POLICY, retry, type RetryPolicy, TransientError } from "./retry.ts";
import { partBytes, removePart } from "./part_file.ts";
import { transfer, type TransferProgress } from "./transfer.ts";

/** Options of {@linkcode fetchArchive}. */
export interface FetchOptions {
  /** Where the file is, tried in this order: `https:`, `http:` or `file:` addresses or paths. */
  readonly sources: readonly string[];
  /** Folder for the downloaded file; made if it is missing. */
  readonly destinationFolder: string;
  /** Digest that the file must have. Without one the file is hashed and not compared. */
  readonly checksum?: Checksum;
  /** Size that the file must have, in bytes. */
  readonly bytes?: number;
  readonly onProgress?: (progress: TransferProgress) => void;
  /** Told of retries and of sources that failed, in one line each. */
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** @default {DEFAULT_RETRY_POLICY} */
  readonly retry?: RetryPolicy;
  /** Time without a byte after which a connection is given up. @default {60000} */
  readonly stallTimeoutMs?: number;
}

/** What was found when a file was checked. */
interface FileFacts {
  /** Digest of the content, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A file that is there and is what it should be. */
export interface FetchedArchive extends FileFacts {
  readonly path: string;
  /** The source that it came from. */
  readonly source: string;
}

/** None of the sources had the file; `errors` tells why, source by source. */
export class FetchError extends AggregateError {
  override readonly name = "FetchError";
}

/**
 * Makes an archive available as a local file.
 *
 * A local source is used where it is. A remote one is downloaded to a folder of its own below
 * `destinationFolder`, named by the address, so that sources are never confused; broken downloads
 * go on where they stopped, and only a complete file with the right digest gets its final name.
 * Two processes that want the same file share one download.
 *
 * @throws {FetchError} if no source has the file
 * @example
 * ```ts
 * import { fetchArchive } from "./fetch.ts";
 *
 * const { path, sha256 } = await fetchArchive({
 *   sources: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
 *   destinationFolder: "downloads",
 *   checksum: { algorithm: "md5", hex: "c32a1d4ab5d03f1284b67883e8d87530" },
 * });
 * ```
 */
export async function fetchArchive(options: FetchOptions): Promise<FetchedArchive> {
  const errors: unknown[] = [];
  for (const source of await cachedFirst(options)) {
    try {
      return await (isRemote(source) ? obtain(source, options) : useLocal(source, options));
    } catch (error) {
      options.signal?.throwIfAborted();
      options.log?.(`Cannot use ${source}: ${messageOf(error)}`);
      errors.push(error);
    }
  }
  throw new FetchError(
    errors,
    `Cannot fetch the archive as one of its sources must have it: ` +
      errors.map(messageOf).join("; "),
    { cause: errors.at(-1) },
  );
}

/** The sources, those first that were downloaded before. */
async function cachedFirst({ sources, destinationFolder }: FetchOptions): Promise<string[]> {
  const cached = new Set<string>();
  for (const source of sources) {
    if (isRemote(source) && await exists(downloadPath(source, destinationFolder))) {
      cached.add(source);
    }
  }
  return [...sources].sort((a, b) => Number(cached.has(b)) - Number(cached.has(a)));
}

async function useLocal(source: string, options: FetchOptions): Promise<FetchedArchive> {
  const path = source.startsWith("file:") ? fileURLToPath(source) : source;
  return { path, source, ...await verify(path, source, options) };
}

/** The earlier download if it is sound, else a new one. */
async function obtain(url: string, options: FetchOptions): Promise<FetchedArchive> {
  const path = downloadPath(url, options.destinationFolder);
  await Deno.mkdir(dirname(path), { recursive: true });
  using lock = await Deno.open(`${path}.lock`, { write: true, create: true });
  await lock.lock(true);
  const facts = await reuse(url, path, options) ?? await download(url, path, options);
  return { path, source: url, ...facts };
}

async function reuse(
  url: string,
  path: string,
  options: FetchOptions,
): Promise<FileFacts | undefined> {
  if (!await exists(path)) return undefined;
  try {
    return await verify(path, url, options);
  } catch (error) {
    options.log?.(`The earlier download is not what it should be, fetching again: ${error}`);
    await Deno.remove(path);
    return undefined;
  }
}

async function download(url: string, path: string, options: FetchOptions): Promise<FileFacts> {
  const { bytes, onProgress, signal, stallTimeoutMs = 60_000 } = options;
  const attempt = async () => {
    const resumed = await transfer(url, path, { bytes, onProgress, signal, stallTimeoutMs });
    try {
      return await verify(`${path}.part`, url, options);
    } catch (error) {
      await removePart(path);
      // A server may splice two versions of a file in spite of If-Range; a whole one may be right.
      if (resumed) throw new TransientError(messageOf(error), undefined, { cause: error });
      throw error;
    }
  };
  const facts = await retry(attempt, () => partBytes(path), {
    policy: options.retry ?? DEFAULT_RETRY_POLICY,
    signal,
    onRetry: ({ message }, delayMs) =>
      options.log?.(`${message}; trying again in ${delayMs / 1000} s`),
  });
  await Deno.rename(`${path}.part`, path);
  await removePart(path);
  return facts;
}

/** Checks size and digest, where they are given. */
async function verify(
  path: string,
  source: string,
  { checksum, bytes }: FetchOptions,
): Promise<FileFacts> {
  const { size } = await Deno.stat(path);
  if (bytes !== undefined && size !== bytes) {
    throw new Error(`${source} must have ${bytes} bytes: current size is ${size}`);
  }
  const algorithm = checksum?.algorithm ?? "sha256";
  const digests = await digestsOfFile(path, ["sha256", algorithm]);
  if (checksum !== undefined && digests[algorithm] !== checksum.hex.toLowerCase()) {
    throw new Error(
      `${source} must have the ${algorithm} checksum ${checksum.hex}: ` +
        `current value is ${digests[algorithm]}`,
    );
  }
  return { sha256: digests.sha256, bytes: size };
}

/** `<folder>/<hash of the address>/<file name>`. */
function downloadPath(url: string, folder: string): string {
  const name = basename(new URL(url).pathname) || "archive";
  return join(folder, createHash("sha256").update(url).digest("hex").slice(0, 16), name);
}

function isRemote(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
