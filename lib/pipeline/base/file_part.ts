/**
 * Parts of files that others write, and that may be of any size.
 *
 * @module
 */

/** Bytes of a file. */
export interface FilePart {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where they start. */
  readonly from: number;
}

/**
 * Reads a part of a file; `null` if it is not there.
 *
 * @param startOf Where to start in a file of some size.
 * @param limit Bytes that are read at most.
 */
export function readPart(
  path: string,
  startOf: (size: number) => number,
  limit: number,
): FilePart | null {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
  using open = file;
  const { size } = open.statSync();
  const from = Math.max(0, startOf(size));
  const bytes = new Uint8Array(Math.max(0, Math.min(limit, size - from)));
  open.seekSync(from, Deno.SeekMode.Start);
  let length = 0;
  while (length < bytes.length) {
    const count = open.readSync(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return { bytes: bytes.subarray(0, length), from };
}
