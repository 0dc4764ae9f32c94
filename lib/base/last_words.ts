/**
 * Last words: what a process notes of its work in a file, for whoever finds it dead. A process that
 * is killed by a fault of native code can say nothing any more.
 *
 * @module
 */

/**
 * The environment variable that names the file, which the process may make. It holds notes in UTF-8
 * with NULs between and behind them.
 */
export const LAST_WORDS_VARIABLE = "LAST_WORDS_FILE";

/** More is cut. */
const MAX_BYTES = 16 * 1024;

/** The notes in a file; none if there is no file. */
export function readLastWords(path: string): string[] {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  using _ = file;
  const bytes = new Uint8Array(MAX_BYTES);
  const text = new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  return text.split("\0").map((note) => note.trim()).filter((note) => note !== "");
}
