/**
 * Temporary folders of engines. Each is locked while its engine lives; what a killed engine left
 * has no lock, and the next engine that needs a folder removes it.
 *
 * @module
 */
import { join } from "node:path";
import { removeIfThere, writeFailure } from "./files.ts";

const LOCK = ".lock";

/** A temporary folder that lives as long as this object, or its process. */
export class Scratch {
  readonly folder: string;
  readonly #lock: Deno.FsFile;

  /**
   * Creates a folder in `parent` and removes those whose engines are gone.
   *
   * @throws {PipelineError} if nothing can be written there.
   */
  constructor(parent: string) {
    this.folder = join(parent, `${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`);
    try {
      Deno.mkdirSync(parent, { recursive: true });
      // Serialises engines: a folder that is not locked yet looks abandoned.
      using turn = Deno.openSync(`${parent}${LOCK}`, { write: true, create: true });
      turn.lockSync(true);
      for (const { name } of [...Deno.readDirSync(parent)]) {
        if (!isHeld(join(parent, name, LOCK))) removeIfThere(join(parent, name));
      }
      Deno.mkdirSync(this.folder);
      this.#lock = Deno.openSync(join(this.folder, LOCK), { write: true, create: true });
      this.#lock.lockSync(true);
    } catch (cause) {
      throw writeFailure(parent, cause);
    }
  }

  [Symbol.dispose](): void {
    removeIfThere(this.folder);
    this.#lock.close();
  }
}

function isHeld(lock: string): boolean {
  try {
    using file = Deno.openSync(lock, { write: true });
    return !file.tryLockSync(true);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw cause;
  }
}
