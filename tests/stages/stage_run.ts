/**
 * Runs a stage in this process, as the engine's worker does, on tables that a test writes.
 *
 * @module
 */
import {
  type Columns,
  type Rows,
  TableFile,
  type TableSchema,
  TableWriter,
} from "../../lib/arrow/mod.ts";
import type { FinishedTable, Job, JobEvent } from "../../lib/pipeline/stage/job.ts";
import type { Json } from "../../lib/pipeline/base/json.ts";
import type { StageDefinition } from "../../lib/pipeline/stage/stage.ts";
import { execute } from "../../lib/pipeline/stage/worker.ts";

/** What a stage is run with; `params` get their defaults. */
export interface StageInput {
  readonly params: Readonly<Record<string, unknown>>;
  /** Paths of tables by input. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly threads?: number;
  /** A result to extend. */
  readonly predecessor?: StageResult;
  readonly downloads?: string;
}

/** What a stage has done. */
export interface StageResult {
  readonly params: Readonly<Record<string, Json>>;
  /** Paths of its tables by output. */
  readonly paths: Readonly<Record<string, string>>;
  /** Digests of the columns by output. */
  readonly columns: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly metrics: Readonly<Record<string, number>>;
  readonly log: readonly string[];
}

/**
 * Runs a stage in a folder of its own below `folder`.
 *
 * @throws {Error} with the stage's message if it fails.
 */
export async function runStage(
  folder: string,
  // deno-lint-ignore no-explicit-any -- a stage of any params and tables
  stage: StageDefinition<any, any, any>,
  { params, inputs = {}, seed = 0, threads = 1, predecessor, downloads }: StageInput,
): Promise<StageResult> {
  const own = await Deno.makeTempDir({ dir: folder });
  const complete = stage.params.parse(params) as Record<string, Json>;
  const job: Job = {
    token: "event",
    instance: "test",
    axes: {},
    key: "key",
    params: complete,
    seed,
    threads,
    inputs: Object.fromEntries(
      Object.keys(stage.inputs).map((name) => [name, {
        mode: "optional",
        tables: inputs[name] === undefined
          ? []
          : [{ path: inputs[name], axes: {}, provenance: null }],
      }]),
    ),
    predecessor: predecessor ? { params: predecessor.params, tables: predecessor.paths } : null,
    outputFolder: own,
    checkpointFolder: own,
    downloadFolder: downloads ?? null,
  };
  const log: string[] = [];
  const keepLog = (event: JobEvent) => void (event.type === "log" && log.push(event.line));
  const end = await execute(stage, job, keepLog, new AbortController().signal);
  if (end.type !== "done") throw new Error(end.type === "failed" ? end.message : end.type);
  const tables = Object.entries(end.outputs) as [string, FinishedTable][];
  return {
    params: complete,
    paths: Object.fromEntries(tables.map(([name, { path }]) => [name, path])),
    columns: Object.fromEntries(tables.map(([name, { columns }]) => [name, columns])),
    metrics: end.metrics,
    log,
  };
}

/** Writes a table in one batch; returns its path. */
export function writeTable<C extends Columns>(
  path: string,
  schema: TableSchema<C>,
  rows: Rows<C>,
  options: ConstructorParameters<typeof TableWriter<C>>[2] = {},
): string {
  const writer = new TableWriter(path, schema, options);
  writer.append(rows);
  writer.close();
  return path;
}

/** Opens one of a stage's outputs. */
export function openOutput<C extends Columns>(
  { paths }: StageResult,
  name: string,
  schema: TableSchema<C>,
): TableFile<C> {
  return TableFile.open(paths[name], schema);
}

/** Calls `body` with a folder that is removed afterwards. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
