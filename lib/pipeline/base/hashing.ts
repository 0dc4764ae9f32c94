/**
 * Digests of files of any size, in bounded memory.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** Small enough for the processor's cache between reading and hashing. */
const CHUNK_BYTES = 256 * 1024;
/** How much is hashed before others have their turn: about 40 ms of work. */
const TURN_BYTES = 16 * 1024 * 1024;

/** SHA-256 of a file in hexadecimal. @throws if it cannot be read. */
export async function digestFile(path: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  // As the reads below: going to another thread and back costs more than opening.
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let inTurn = 0;;) {
    const count = file.readSync(buffer);
    if (count === null) return hash.digest("hex");
    hash.update(buffer.subarray(0, count));
    inTurn += count;
    if (inTurn >= TURN_BYTES) {
      await delay(0);
      inTurn = 0;
    }
  }
}
