/**
 * Digests of files of any size, in bounded memory.
 *
 * @module
 */

const CHUNK_BYTES = 4 * 1024 * 1024;

/** SHA-256 of a file in hexadecimal. @throws if it cannot be read. */
export async function digestFile(path: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
  }
}
