/**
 * The memory of batches in the store: the keys of each, its jobs' logs, and the number that Slurm
 * gave it, in `slurm/batches/ID/`.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfThere, removeIfThere, writeAtomically } from "../base/files.ts";
import { type Batch, keysPath, logPath } from "./sbatch.ts";

/** The batches of one store. */
export class Batches {
  readonly #folder: string;

  /** @param folder The store's folder for Slurm. */
  constructor(folder: string) {
    this.#folder = join(folder, "batches");
  }

  /** The folder of a batch. */
  folderOf(id: string): string {
    return join(this.#folder, id);
  }

  /** The log of one job. */
  logOf({ batch, index }: { readonly batch: string; readonly index: number }): string {
    return logPath(this.folderOf(batch), index);
  }

  /** Writes down what a batch is made of. */
  add(batch: Batch): void {
    writeAtomically(keysPath(batch), batch.keys.map((key) => `${key}\n`).join(""));
  }

  /** Keeps the number that Slurm gave a batch. */
  setJob(id: string, job: string): void {
    writeAtomically(join(this.folderOf(id), "job"), job);
  }

  /** The number that Slurm gave a batch; `null` if the answer did not arrive. */
  jobOf(id: string): string | null {
    return readTextIfThere(join(this.folderOf(id), "job"));
  }

  /** Removes batches of which no task is left. @param hasTask Whether a key has a task folder. */
  sweep(hasTask: (key: string) => boolean): void {
    for (const id of this.#ids()) {
      const folder = this.folderOf(id);
      const keys = (readTextIfThere(keysPath({ folder })) ?? "").split("\n");
      if (!keys.some((key) => key !== "" && hasTask(key))) removeIfThere(folder);
    }
  }

  #ids(): string[] {
    try {
      return [...Deno.readDirSync(this.#folder)].map(({ name }) => name);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotFound) return [];
      throw cause;
    }
  }
}
