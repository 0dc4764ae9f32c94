/**
 * One execution of an instance: from its key and its inputs to a manifest in the store.
 *
 * @module
 */
import { join, relative } from "node:path";
import { writeAllSync } from "../../base/write_all.ts";
import { withAdvice } from "./advice.ts";
import { hasCheckpoint } from "../stage/checkpoint.ts";
import { PipelineError } from "../base/errors.ts";
import type { Task, TaskResult } from "../execute/executor.ts";
import { removeIfThere, writeFailure } from "../base/files.ts";
import type { JobEvent } from "../stage/job.ts";
import type { Manifest, OutputRecord } from "../store/manifest.ts";
import { NotDone } from "./not_done.ts";
import { digestLocations } from "../freshness/key.ts";
import { recordSuccessor } from "../freshness/predecessor.ts";
import type { RunSetup } from "./run_setup.ts";
import type { Store } from "../store/store.ts";
import { type Assignment, makeTask } from "./task.ts";

/** A task that has done its work. */
type Done = Extract<TaskResult, { type: "done" }>;

/**
 * Executes an instance and takes its outputs into the store.
 *
 * @throws {NotDone} if the user interrupted it.
 * @throws {PipelineError} if it fails.
 */
export async function execute(setup: RunSetup, assignment: Assignment): Promise<Manifest> {
  const { store, plan } = setup;
  const { instance, key } = assignment;
  const started = performance.now();
  const task = makeTask(setup, assignment);
  try {
    const result = await runTask(setup, task);
    assertDeclared(task, result);
    await assertUnchanged(assignment);
    const manifest: Manifest = {
      ...key,
      instance: instance.name,
      outputs: await adoptOutputs(store, result),
      metrics: result.metrics,
      environment: {
        device: result.environment.device,
        versions: { ...assignment.prepared.versions, ...result.environment.versions },
      },
      host: result.at?.host ?? Deno.hostname(),
      finishedAt: new Date().toISOString(),
      // Whole milliseconds, as in the lock file, so that --frozen tells the report the same.
      seconds: result.at?.seconds ?? Math.round(performance.now() - started) / 1000,
      peakMemoryBytes: result.peakMemoryBytes,
    };
    await recordSuccessor(store, plan.stages[instance.stage], key);
    store.write(manifest);
    removeIfThere(task.job.checkpointFolder);
    removeIfThere(task.folder);
    return manifest;
  } catch (error) {
    if (!(error instanceof Detached)) removeIfThere(task.folder);
    throw error;
  }
}

/** A task runs on without the engine, in its folder. */
class Detached extends NotDone {}

/** Runs a task with a log of what it says. */
async function runTask({ store, executor, emit, signal }: RunSetup, task: Task): Promise<Done> {
  const { instance, key, checkpointFolder } = task.job;
  using log = new Log(store.path("logs", `${key}.log`));
  const onEvent = (job: JobEvent) => {
    if (job.type === "log") log.write(job.line);
    emit({ event: "job", instance, job });
  };
  const result = await executor.execute(task, onEvent, signal);
  if (result.type === "done") return result;
  if (result.type === "detached") throw new Detached("skipped", result.message);
  if (result.interrupted) {
    const kept = hasCheckpoint(checkpointFolder) ? "; its checkpoint is kept" : "";
    throw new NotDone("skipped", `interrupted${kept}`);
  }
  const message = withAdvice(result.message);
  log.write(message);
  throw new PipelineError(message, { status: 1 });
}

/**
 * A stage reads files at locations where they lie.
 *
 * @throws {PipelineError} if one is no longer what the key says that it is.
 */
async function assertUnchanged({ instance, key }: Assignment): Promise<void> {
  const { locations } = key.parts;
  const now = await digestLocations(instance);
  const param = Object.keys(locations).find((name) => now[name] !== locations[name]);
  if (param === undefined) return;
  throw new PipelineError(
    `Cannot keep the result of ${instance.name} as the file at its param "${param}" was changed ` +
      `while the stage ran: ${instance.locations[param]}; run again`,
    { status: 1 },
  );
}

/** @throws {PipelineError} if the stage left files that it does not declare. */
function assertDeclared(task: Task, { outputs }: Done): void {
  const { outputFolder } = task.job;
  const declared = new Set(
    Object.values(outputs).flatMap((output) =>
      output.kind === "table" ? [output.path] : Object.values(output.paths)
    ),
  );
  const undeclared = filesBelow(outputFolder).filter((path) => !declared.has(path));
  if (undeclared.length === 0) return;
  const names = undeclared.map((path) => relative(outputFolder, path)).join(", ");
  throw new PipelineError(
    `the stage wrote what it does not declare: ${names}; write through \`outputs\`, and declare ` +
      "an output for it",
    { status: 1 },
  );
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesBelow(path) : [path];
  });
}

async function adoptOutputs(store: Store, result: Done): Promise<Record<string, OutputRecord>> {
  const records: Record<string, OutputRecord> = {};
  for (const [name, output] of Object.entries(result.outputs)) {
    if (output.kind === "table") {
      const { rows, columns } = output;
      records[name] = { kind: "table", ...await store.adopt(output.path), rows, columns };
    } else {
      const files: Record<string, { file: string; bytes: number }> = {};
      for (const [path, source] of Object.entries(output.paths).sort()) {
        files[path] = await store.adopt(source);
      }
      records[name] = { kind: "files", files };
    }
  }
  return records;
}

/** The log of a key's last execution; it starts anew with every execution. */
class Log {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    this.#path = path;
    try {
      Deno.mkdirSync(join(path, ".."), { recursive: true });
      this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    } catch (cause) {
      throw writeFailure(path, cause);
    }
  }

  write(line: string): void {
    try {
      writeAllSync(this.#file, new TextEncoder().encode(`${line}\n`));
    } catch (cause) {
      throw writeFailure(this.#path, cause);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
