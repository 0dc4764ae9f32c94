/**
 * The folder through which the engine and a job on a node speak: the task, what the stage sends,
 * and the result, which is written last. It outlives the engine, so that a later one finds the job
 * again. Both see it through a shared file system.
 *
 * @module
 */
import { join } from "node:path";
import { PipelineError } from "../base/errors.ts";
import { readPart } from "../base/file_part.ts";
import type { Task, TaskResult } from "../execute/executor.ts";
import {
  readJsonIfWhole,
  removeIfThere,
  statIfThere,
  writeFailure,
  writeJson,
} from "../base/files.ts";
import type { JobEvent } from "../stage/job.ts";

/** Which job a task was given to. It is kept before Slurm is asked, so that no job is forgotten. */
export interface SubmissionRecord {
  readonly batch: string;
  /** The job's place in its batch, from 1. */
  readonly index: number;
  /** The task's latest checkpoint when it was submitted. */
  readonly checkpoint: string | null;
}

/** What a power cut takes, the next engine writes again; a thousand tasks need not wait for a disk. */
const QUICKLY = { isLasting: false };

/** A task's folder. */
export class TaskFolder {
  readonly path: string;
  /** Bytes of the events that were read. */
  #read = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Leaves nothing of earlier jobs, and writes the task. */
  start(task: Task): void {
    for (const name of ["result.json", "events.jsonl", "submission.json"]) this.#remove(name);
    writeJson(join(this.path, "task.json"), task, QUICKLY);
    this.#read = 0;
  }

  /** The task, as a node reads it. @throws {PipelineError} if it is not there. */
  task(): Task {
    const task = readJsonIfWhole<Task>(join(this.path, "task.json"));
    if (task) return task;
    throw new PipelineError(
      `Cannot run a job as ${this.path} holds no task: nodes must see the folder of the store ` +
        "under the same path as the machine that submits",
    );
  }

  /** Which job the task was given to last; `null` if to none. */
  submission(): SubmissionRecord | null {
    return readJsonIfWhole<SubmissionRecord>(join(this.path, "submission.json"));
  }

  /** Remembers which job the task is given to, and forgets the result of the one before. */
  submit(record: SubmissionRecord): void {
    this.#remove("result.json");
    writeJson(join(this.path, "submission.json"), record, QUICKLY);
  }

  /** Leaves nothing of what a job that was started before has written but its events. */
  restart(outputFolder: string): void {
    this.#remove("result.json");
    removeIfThere(outputFolder);
    Deno.mkdirSync(outputFolder, { recursive: true });
  }

  /** The result, once it is there. */
  result(): TaskResult | null {
    return readJsonIfWhole<TaskResult>(join(this.path, "result.json"));
  }

  /** Writes the result, after everything that it tells of. */
  finish(result: TaskResult): void {
    writeJson(join(this.path, "result.json"), result);
  }

  /** Adds events. */
  append(events: readonly JobEvent[]): void {
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    const path = join(this.path, "events.jsonl");
    try {
      Deno.writeTextFileSync(path, text, { append: true });
    } catch (cause) {
      throw writeFailure(path, cause);
    }
  }

  /** The events that were added since the last call. */
  readEvents(): JobEvent[] {
    const path = join(this.path, "events.jsonl");
    // Most looks find nothing new, and a file system that is shared opens files slowly.
    if ((statIfThere(path)?.size ?? 0) <= this.#read) return [];
    const { bytes } = readPart(path, () => this.#read, CHUNK) ?? { bytes: new Uint8Array() };
    // What follows the last line end is still being written; no event is as long as all of it.
    const end = bytes.lastIndexOf(10) + 1 || (bytes.length === CHUNK ? CHUNK : 0);
    this.#read += end;
    const text = new TextDecoder().decode(bytes.subarray(0, end));
    return text.split("\n").flatMap(parseEvent);
  }

  #remove(name: string): void {
    removeIfThere(join(this.path, name));
  }
}

/** The folders of a store's tasks. @param parent The store's folder for Slurm. */
export function taskFolders(parent: string): TaskFolder[] {
  if (!statIfThere(parent)) return [];
  return [...Deno.readDirSync(parent)]
    .filter(({ name }) => /^[0-9a-f]{64}$/.test(name))
    .map(({ name }) => new TaskFolder(join(parent, name)));
}

/** At most this much is read at once: 16 MiB. */
const CHUNK = 16 * 1024 * 1024;

/** A killed job may have left half a line, which the next one's first line follows. */
function parseEvent(line: string): JobEvent[] {
  try {
    return line === "" ? [] : [JSON.parse(line) as JobEvent];
  } catch {
    return [];
  }
}
