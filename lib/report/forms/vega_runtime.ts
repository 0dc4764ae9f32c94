/**
 * Vega for the page: the library's own minified build, compressed, so that charts come alive without
 * a network.
 *
 * @module
 */
import { gzipSync } from "fflate";
import { messageOf } from "../../base/message_of.ts";

/**
 * Reads Vega's browser build from the package that draws the static figures; needs permission to
 * read that package's folder.
 *
 * @returns Gzip, in base64; the same bytes on every machine.
 * @throws {Error} if the file cannot be read.
 */
export function vegaRuntime(): string {
  const file = new URL("vega.min.js", import.meta.resolve("vega"));
  try {
    return gzipSync(Deno.readFileSync(file), { level: 9, mtime: 0 }).toBase64();
  } catch (error) {
    throw new Error(
      `Cannot embed Vega into the report as ${file.pathname} must be readable: ` +
        `current value is "${messageOf(error)}"; ` +
        `allow reading it, or reinstall the package "vega"`,
      { cause: error },
    );
  }
}
