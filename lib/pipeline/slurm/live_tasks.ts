/**
 * Tasks that a store's engines gave to Slurm and that have not come to their end.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import { isPaused } from "./follower.ts";
import { isLive, readQueue } from "./queue.ts";
import { type TaskFolder, taskFolders } from "./task_folder.ts";

/** What is known of tasks. */
export interface LiveTasks {
  readonly folders: readonly TaskFolder[];
  /** Why Slurm could not be asked, so that a task without a result counts; `null` if it was. */
  readonly problem: string | null;
}

/**
 * The tasks whose jobs wait or run. All of the user's jobs are looked at, as a store's name in the
 * queue changes with the pipeline's.
 *
 * @param folder The store's folder for Slurm.
 */
export async function liveTasks(folder: string): Promise<LiveTasks> {
  const unfinished = taskFolders(folder).filter(isUnfinished);
  if (unfinished.length === 0) return { folders: [], problem: null };
  try {
    const live = new Set(
      (await readQueue()).flatMap(({ batch, index, state }) =>
        isLive(state) ? [`${batch} ${index}`] : []
      ),
    );
    const isQueued = (each: TaskFolder) => {
      const { batch, index } = each.submission()!;
      return live.has(`${batch} ${index}`);
    };
    return { folders: unfinished.filter(isQueued), problem: null };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { folders: unfinished, problem: error.message };
  }
}

function isUnfinished(folder: TaskFolder): boolean {
  if (!folder.submission()) return false;
  const result = folder.result();
  return result === null || isPaused(result);
}
