/**
 * Digests of files, read in pieces.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Hash functions that publishers of data sets use. */
export type DigestAlgorithm = "md5" | "sha1" | "sha256" | "sha512";

/** An expected digest of a file. */
export interface Checksum {
  readonly algorithm: DigestAlgorithm;
  /** The digest in hexadecimal. */
  readonly hex: string;
}

/**
 * Computes digests of a file in one pass over it.
 *
 * @returns lower-case hexadecimal digests by algorithm
 */
export async function digestFile<A extends DigestAlgorithm>(
  path: string,
  algorithms: readonly A[],
): Promise<Record<A, string>> {
  const hashes = [...new Set(algorithms)].map((name) => [name, createHash(name)] as const);
  using file = await Deno.open(path);
  const piece = new Uint8Array(1 << 20);
  for (let n = await file.read(piece); n !== null; n = await file.read(piece)) {
    for (const [, hash] of hashes) hash.update(piece.subarray(0, n));
  }
  return Object.fromEntries(hashes.map(([name, hash]) => [name, hash.digest("hex")])) as Record<
    A,
    string
  >;
}
