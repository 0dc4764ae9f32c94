/**
 * One execution of an instance: from its key and its inputs to a manifest in the store.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PipelineError } from "./errors.ts";
import type { Task, TaskResult } from "./executor.ts";
import { removeIfThere, writeFailure } from "./files.ts";
import type { Job, JobEvent, JobTable } from "./job.ts";
import type { StageKey } from "./key.ts";
import { type Manifest, type OutputRecord, provenanceOf } from "./manifest.ts";
import type { PlannedInput, PlannedInstance } from "./plan.ts";
import type { Prepared } from "./requirement.ts";
import type { RunSetup } from "./run.ts";
import type { Slot } from "./slots.ts";
import type { Store } from "./store.ts";

/** Executes an instance and takes its outputs into the store. @throws {PipelineError} if it fails. */
export async function runTask(
  setup: RunSetup,
  instance: PlannedInstance,
  stageKey: StageKey,
  manifests: ReadonlyMap<string, Manifest>,
  slot: Slot,
  prepared: Prepared,
): Promise<Manifest> {
  const { store, executor, emit, signal } = setup;
  const task = makeTask(setup, instance, stageKey, manifests, slot, prepared);
  const log = openLog(store, stageKey.key);
  const onEvent = (job: JobEvent) => {
    if (job.type === "log") log.write(job.line);
    emit({ event: "job", instance: instance.name, job });
  };
  const started = performance.now();
  try {
    const result = await executor.execute(task, onEvent, signal);
    if (result.type === "failed") {
      log.write(result.message);
      throw new PipelineError(result.message, { status: 1 });
    }
    const outputs = await adoptOutputs(store, result);
    const manifest: Manifest = {
      key: stageKey.key,
      parts: stageKey.parts,
      instance: instance.name,
      outputs,
      metrics: result.metrics,
      environment: {
        device: result.environment.device,
        versions: { ...prepared.versions, ...result.environment.versions },
      },
      host: Deno.hostname(),
      finishedAt: new Date().toISOString(),
      // Whole milliseconds, as in the lock file, so that --frozen tells the report the same.
      seconds: Math.round(performance.now() - started) / 1000,
      peakMemoryBytes: result.peakMemoryBytes,
    };
    store.write(manifest);
    removeIfThere(task.job.checkpointFolder);
    return manifest;
  } finally {
    log.close();
    removeIfThere(task.folder);
  }
}

function makeTask(
  { folder, plan, code, store }: RunSetup,
  instance: PlannedInstance,
  { key }: StageKey,
  manifests: ReadonlyMap<string, Manifest>,
  slot: Slot,
  prepared: Prepared,
): Task {
  const stage = plan.stages[instance.stage];
  const taskFolder = store.path("tmp", `${key.slice(0, 16)}-${Deno.pid}`);
  const job: Job = {
    token: `event-${crypto.randomUUID()}`,
    instance: instance.name,
    axes: instance.axes,
    key,
    params: { ...instance.params, ...instance.locations },
    seed: instance.seed,
    threads: slot.cpus,
    inputs: Object.fromEntries(
      instance.inputs.map((input) => [
        input.name,
        { mode: input.mode, tables: jobTables(plan.instances, store, input, manifests) },
      ]),
    ),
    outputFolder: join(taskFolder, "out"),
    checkpointFolder: store.path("checkpoints", key),
    downloadFolder: stage.network ? store.path("downloads") : null,
  };
  try {
    removeIfThere(taskFolder);
    for (const path of [job.outputFolder, job.checkpointFolder, job.downloadFolder]) {
      if (path !== null) Deno.mkdirSync(path, { recursive: true });
    }
  } catch (cause) {
    throw writeFailure(taskFolder, cause);
  }
  const tables = Object.values(job.inputs).flatMap((input) => input.tables);
  const locations = Object.values(instance.locations).filter((path) =>
    path !== null && !/^https?:/.test(path)
  );
  return {
    job,
    module: pathToFileURL(resolve(folder, stage.module)).href,
    folder: taskFolder,
    readable: [
      ...tables.map(({ path }) => path),
      ...code.filesOf(stage.module),
      ...locations.map((path) => resolve(path!)),
    ],
    network: stage.network,
    grants: prepared.grants,
    environment: {
      ...prepared.env,
      ...prepared.gpus > 0 ? { CUDA_VISIBLE_DEVICES: slot.gpus.join(",") } : {},
    },
    configPath: code.configPath,
  };
}

function jobTables(
  instances: readonly PlannedInstance[],
  store: Store,
  input: PlannedInput,
  manifests: ReadonlyMap<string, Manifest>,
): JobTable[] {
  const axes = new Map(instances.map((each) => [each.name, each.axes]));
  return input.producers.map(({ instance: name, output }) => {
    const manifest = manifests.get(name)!;
    const record = manifest.outputs[output];
    if (record.kind !== "table") throw new PipelineError(`${name}.${output} is no table`);
    return {
      path: store.blobPath(record.file),
      axes: axes.get(name)!,
      provenance: input.provenance ? provenanceOf(manifest) : null,
    };
  });
}

async function adoptOutputs(
  store: Store,
  result: Extract<TaskResult, { type: "done" }>,
): Promise<Record<string, OutputRecord>> {
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
function openLog(store: Store, key: string): { write(line: string): void; close(): void } {
  const path = store.path("logs", `${key}.log`);
  try {
    Deno.mkdirSync(store.path("logs"), { recursive: true });
    const file = Deno.openSync(path, { write: true, create: true, truncate: true });
    return {
      write: (line) => void file.writeSync(new TextEncoder().encode(`${line}\n`)),
      close: () => file.close(),
    };
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
