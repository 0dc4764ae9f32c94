/**
 * `gc`: removes from the store what no lock file, no last result and no recent run refers to.
 *
 * @module
 */
import { EXIT, PipelineError } from "../../base/errors.ts";
import { removeIfThere } from "../../base/files.ts";
import { count, formatBytes } from "../../../base/format.ts";
import { findGarbage, type Garbage } from "../../records/garbage.ts";
import { liveTasks } from "../../slurm/live_tasks.ts";
import { Store } from "../../store/store.ts";
import { reserveStore } from "../../store/store_use.ts";
import type { VerbContext } from "../verb.ts";

/** Removes garbage, or lists it with `--dry-run`. */
export async function gc({ project, flags }: VerbContext): Promise<number> {
  const store = new Store(project.artifacts);
  using reservation = reserveStore(store);
  if (!reservation && !flags["dry-run"]) {
    throw new PipelineError("Cannot clean the store up as a run uses it: wait until it ends", {
      status: EXIT.stageFailed,
    });
  }
  const { folders: live, problem } = await liveTasks(store.path("slurm"));
  if (problem !== null) {
    console.error(
      `${count(live.length, "job")} without a result ${live.length === 1 ? "is" : "are"} kept as ` +
        `Slurm cannot be asked: ${problem}`,
    );
  }
  const garbage = await findGarbage(project, store, { nowMs: Date.now(), live });
  if (flags["dry-run"]) {
    for (const { path, what, bytes } of garbage) {
      console.log(`${what.padEnd(10)} ${formatBytes(bytes).padStart(9)}  ${path}`);
    }
  } else for (const { path } of garbage) removeIfThere(path);
  console.log(summary(garbage, flags["dry-run"] ?? false));
  return EXIT.done;
}

function summary(garbage: readonly Garbage[], isDryRun: boolean): string {
  if (garbage.length === 0) return "nothing to remove: everything is in use";
  const bytes = garbage.reduce((sum, each) => sum + each.bytes, 0);
  const numbers = new Map<string, number>();
  for (const { what } of garbage) numbers.set(what, (numbers.get(what) ?? 0) + 1);
  const parts = [...numbers].map(([what, number]) => count(number, what)).join(", ");
  return `${isDryRun ? "would free" : "freed"} ${formatBytes(bytes)}: ${parts}`;
}
