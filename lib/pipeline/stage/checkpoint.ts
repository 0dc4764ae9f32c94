/**
 * Checkpoints of a job: numbered folders of which only complete ones have their final name.
 *
 * @module
 */
import { join } from "node:path";
import type { Checkpoint } from "./stage.ts";

/** The checkpoints in a folder that only this job uses. */
export function openCheckpoint(folder: string): Checkpoint {
  let latest = numbers(folder).at(-1) ?? 0;
  return {
    get latest() {
      return latest === 0 ? null : join(folder, String(latest));
    },
    async save(write) {
      const partial = join(folder, `${latest + 1}.part`);
      await Deno.remove(partial, { recursive: true }).catch(ignoreMissing);
      await Deno.mkdir(partial, { recursive: true });
      await write(partial);
      syncBelow(partial);
      await Deno.rename(partial, join(folder, String(latest + 1)));
      sync(folder);
      latest += 1;
      for (const old of numbers(folder).filter((number) => number < latest)) {
        await Deno.remove(join(folder, String(old)), { recursive: true });
      }
    },
  };
}

/** Whether a folder holds a complete checkpoint. */
export function hasCheckpoint(folder: string): boolean {
  return numbers(folder).length > 0;
}

/**
 * Has everything in a folder written to the disk: a renamed folder could otherwise outlive a power
 * cut without its content, and would count as complete.
 */
function syncBelow(folder: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) syncBelow(path);
    else sync(path);
  }
  sync(folder);
}

function sync(path: string): void {
  using file = Deno.openSync(path);
  file.syncSync();
}

function numbers(folder: string): number[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name }) => /^\d+$/.test(name))
    .map(({ name }) => Number(name))
    .sort((a, b) => a - b);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
