/**
 * Where the files of the portable backends lie, without loading them.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the npm package that holds the WASM backend's binaries, in Deno's npm cache. */
export function wasmBinaryFolder(): string {
  return dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm")));
}
