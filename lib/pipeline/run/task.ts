/**
 * Makes the task of one execution: the job for the stage's process, and what the process may touch.
 *
 * @module
 */
import { join } from "node:path";
import { PipelineError } from "../base/errors.ts";
import type { Task } from "../execute/executor.ts";
import { writeFailure } from "../base/files.ts";
import type { Job, JobPredecessor, JobTable } from "../stage/job.ts";
import type { StageKey } from "../freshness/key.ts";
import { isAddress } from "../plan/locations.ts";
import { type Manifest, provenanceOf } from "../store/manifest.ts";
import type { AxisValues, PlannedInput, PlannedInstance } from "../plan/plan.ts";
import type { Prepared } from "../execute/requirement.ts";
import type { RunSetup } from "./run_setup.ts";
import type { Slot } from "../execute/slots.ts";
import type { Store } from "../store/store.ts";

/** What one execution is given. */
export interface Assignment {
  readonly instance: PlannedInstance;
  readonly key: StageKey;
  /** The up-to-date manifest of every producer. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly axesOf: (instance: string) => AxisValues;
  /** The result that the stage may extend. */
  readonly predecessor: Manifest | null;
  readonly slot: Slot;
  readonly prepared: Prepared;
  /** The folders of the code that the key names: first the stage's. */
  readonly code: readonly string[];
  /** A folder for this execution alone; it is not there yet. */
  readonly folder: string;
}

/** Makes a task and creates its folders. @throws {PipelineError} if they cannot be written. */
export function makeTask(setup: RunSetup, assignment: Assignment): Task {
  const { plan } = setup;
  const { instance, prepared, slot } = assignment;
  const stage = plan.stages[instance.stage];
  const job = makeJob(setup, assignment);
  createFolders(job, assignment.folder);
  const tables = Object.values(job.inputs).flatMap((input) => input.tables);
  return {
    job,
    stage: stage.name,
    resources: stage.resources,
    requires: stage.requires,
    code: assignment.code[0],
    folder: assignment.folder,
    readable: [
      ...tables.map(({ path }) => path),
      ...Object.values(job.predecessor?.tables ?? {}),
      ...assignment.code,
      ...Object.values(instance.locations).filter((location) =>
        location !== null && !isAddress(location)
      ) as string[],
    ],
    network: stage.network,
    grants: prepared.grants,
    environment: {
      ...prepared.env,
      ...prepared.gpus > 0 ? { CUDA_VISIBLE_DEVICES: slot.gpus.join(",") } : {},
    },
    onCrash: prepared.onCrash ?? [],
  };
}

function makeJob({ plan, store }: RunSetup, assignment: Assignment): Job {
  const { instance, key: { key }, slot, predecessor, folder } = assignment;
  return {
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
        { mode: input.mode, tables: jobTables(store, input, assignment) },
      ]),
    ),
    predecessor: predecessor && jobPredecessor(store, predecessor),
    outputFolder: join(folder, "out"),
    checkpointFolder: store.path("checkpoints", key),
    downloadFolder: plan.stages[instance.stage].network ? store.path("downloads") : null,
  };
}

function createFolders(job: Job, taskFolder: string): void {
  try {
    for (const path of [job.outputFolder, job.checkpointFolder, job.downloadFolder]) {
      if (path !== null) Deno.mkdirSync(path, { recursive: true });
    }
  } catch (cause) {
    throw writeFailure(taskFolder, cause);
  }
}

function jobTables(
  store: Store,
  input: PlannedInput,
  { manifests, axesOf }: Assignment,
): JobTable[] {
  return input.producers.map(({ instance, output }) => {
    const manifest = manifests.get(instance)!;
    const record = manifest.outputs[output];
    if (record.kind !== "table") throw new PipelineError(`${instance}.${output} is not a table`);
    return {
      path: store.blobPath(record.file),
      axes: axesOf(instance),
      provenance: input.provenance ? provenanceOf(manifest, instance) : null,
    };
  });
}

function jobPredecessor(store: Store, { parts, outputs }: Manifest): JobPredecessor {
  const tables = Object.entries(outputs).flatMap(([name, record]) =>
    record.kind === "table" ? [[name, store.blobPath(record.file)]] : []
  );
  return { params: parts.params, tables: Object.fromEntries(tables) };
}
