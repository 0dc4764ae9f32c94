/**
 * Digests of files of any size, in bounded memory.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** Hash functions that publishers of files use. */
export type DigestAlgorithm = "md5" | "sha1" | "sha256" | "sha512";

/** Small enough for the processor's cache between reading and hashing. */
const CHUNK_BYTES = 256 * 1024;
/** How much is hashed before others have their turn: about 40 ms of work. */
const TURN_BYTES = 16 * 1024 * 1024;

/**
 * SHA-256 of a file in hexadecimal.
 *
 * @throws if the file cannot be read, or the signal's reason.
 */
export async function digestFile(path: string, signal?: AbortSignal): Promise<string> {
  return (await digestsOfFile(path, ["sha256"], signal)).sha256;
}

/**
 * Digests of a file in hexadecimal by algorithm, in one pass over it.
 *
 * @throws as {@link digestFile}.
 */
export async function digestsOfFile<A extends DigestAlgorithm>(
  path: string,
  algorithms: readonly A[],
  signal?: AbortSignal,
): Promise<Record<A, string>> {
  const { createHash } = await import("node:crypto");
  const hashes = [...new Set(algorithms)].map((name) => [name, createHash(name)] as const);
  // As the reads below: going to another thread and back costs more than opening.
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  let inTurn = 0;
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    for (const [, hash] of hashes) hash.update(buffer.subarray(0, count));
    inTurn += count;
    if (inTurn < TURN_BYTES) continue;
    await delay(0);
    signal?.throwIfAborted();
    inTurn = 0;
  }
  const digests = hashes.map(([name, hash]) => [name, hash.digest("hex")]);
  return Object.fromEntries(digests) as Record<A, string>;
}
