/**
 * A file that is being received. What goes wrong with it is this machine's fault, not the server's.
 *
 * @module
 */
import { dirname } from "node:path";
import { writeAllSync } from "../../base/write_all.ts";
import { writeFailure } from "../base/files.ts";

/** A part of a file. */
export interface Part extends Disposable {
  /** Bytes that are there. */
  readonly size: number;
  append(piece: Uint8Array): void;
  /** Removes what is there. */
  restart(): void;
}

/**
 * Opens a file to go on with it; it is created where it is not there.
 *
 * @throws {PipelineError} as do its methods, if the file cannot be written.
 */
export function openPart(path: string): Part {
  const trying = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw writeFailure(path, cause);
    }
  };
  const file = trying(() => {
    Deno.mkdirSync(dirname(path), { recursive: true });
    return Deno.openSync(path, { append: true, create: true });
  });
  let size = file.statSync().size;
  return {
    get size() {
      return size;
    },
    append(piece) {
      trying(() => writeAllSync(file, piece));
      size += piece.length;
    },
    restart() {
      trying(() => file.truncateSync(0));
      size = 0;
    },
    [Symbol.dispose]: () => file.close(),
  };
}
