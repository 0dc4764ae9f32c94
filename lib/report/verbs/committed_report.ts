/**
 * A committed report as a report's input: its lock file and its tables alone, without the store and
 * without running anything.
 *
 * @module
 */
import { join, relative } from "node:path";
import { messageOf } from "../../base/message_of.ts";
import { TableFile } from "../../arrow/reader.ts";
import type { TableSchema } from "../../arrow/schema.ts";
import { EXIT, PipelineError } from "../../pipeline/base/errors.ts";
import { statIfThere } from "../../pipeline/base/files.ts";
import { digestFile } from "../../base/digest_file.ts";
import { loadPlan } from "../../pipeline/plan/load.ts";
import { type LockEntry, type LockFile, readLockFile } from "../../pipeline/records/lock_file.ts";
import type { Plan, PlannedInstance, PlannedProducer } from "../../pipeline/plan/plan.ts";
import type { Project } from "../../pipeline/config/project.ts";
import { committedPath } from "../../pipeline/records/publish.ts";
import type { GatheredTable, Provenance } from "../../pipeline/stage/stage.ts";
import { Store } from "../../pipeline/store/store.ts";
import type { VerbContext } from "../../pipeline/cli/verb.ts";
import {
  assembleInput,
  REPORT_SCHEMAS,
  type ReportTable,
  type ReportTables,
} from "../input/assemble.ts";
import { parseClaims } from "../input/parse_claims.ts";
import type { ReportInput } from "../input/input.ts";

/** A committed report. */
export interface CommittedReport {
  readonly input: ReportInput;
  readonly project: Project;
  readonly plan: Plan;
  readonly lock: LockFile;
  /** The report's own instance. */
  readonly report: PlannedInstance;
}

/**
 * Opens the report of a project's profile.
 *
 * @throws {PipelineError} if there is no lock file, or a table is missing or is not what the lock
 * file records.
 */
export async function openCommittedReport(context: VerbContext): Promise<CommittedReport> {
  const { project, verbNames } = context;
  const lock = await readLockFile(project.lockFile);
  if (lock === null) throw stale(`there is no ${shown(project.lockFile)}`, runCommand(project));
  const { plan } = await loadPlan(project, new Store(project.artifacts), verbNames);
  const report = plan.instances.find(({ stage }) => publishesFiles(plan, stage));
  const claims = report?.locations.claims;
  if (!report || !claims) {
    throw new PipelineError(
      "Cannot open a report as the pipeline has no stage that draws one from claims",
    );
  }
  const tables: Record<string, GatheredTable<never>[]> = {};
  for (const name of Object.keys(REPORT_SCHEMAS) as ReportTable[]) {
    const producers = report.inputs.find((input) => input.name === name)?.producers ?? [];
    tables[name] = await Promise.all(
      producers.map((producer) => openTable(project, plan, lock, producer, REPORT_SCHEMAS[name])),
    );
  }
  // What the committed report was drawn with counts, though pipeline.yaml may have changed since.
  const params = lock.instances[report.name]?.params ?? report.params;
  const input = assembleInput({
    title: String(params.title),
    profile: params.profile as string | null,
    settings: params.settings as Record<string, unknown>,
    claims: parseClaims(Deno.readTextFileSync(claims), shown(claims)),
  }, tables as unknown as ReportTables);
  return { input, project, plan, lock, report };
}

/** The instances of a lock file by their stage keys. */
export function instancesByKey({ lock }: CommittedReport): Map<string, string> {
  return new Map(Object.entries(lock.instances).map(([name, { key }]) => [key, name]));
}

/** A path as a reader would type it. */
export function shown(path: string): string {
  return relative(Deno.cwd(), path) || path;
}

/** The command that brings a project's report up to date. */
export function runCommand({ profile }: Project): string {
  return profile === null ? "deno task pipeline" : `deno task pipeline -p ${profile}`;
}

function publishesFiles(plan: Plan, stage: string): boolean {
  return Object.values(plan.stages[stage].outputs).some(({ kind }) => kind === "files");
}

/** A member of an input; its file is opened when it is read. */
async function openTable(
  project: Project,
  plan: Plan,
  lock: LockFile,
  { instance, output }: PlannedProducer,
  schema: TableSchema,
): Promise<GatheredTable<never>> {
  const entry = lock.instances[instance];
  const record = entry?.outputs[output];
  if (record?.kind !== "table") {
    throw stale(
      `${shown(project.lockFile)} records no ${output} of ${instance}`,
      runCommand(project),
    );
  }
  const path = join(project.reports, committedPath(instance, output));
  if (!statIfThere(path)) throw stale(`${shown(path)} is missing`, "restore it");
  const digest = await digestFile(path);
  if (digest !== record.file) {
    throw stale(
      `${shown(path)} has the SHA-256 ${digest.slice(0, 8)}... and not ` +
        `${record.file.slice(0, 8)}... as in ${shown(project.lockFile)}`,
      "restore it from version control, or run the pipeline again",
    );
  }
  const { axes } = plan.instances.find(({ name }) => name === instance)!;
  return {
    axes,
    provenance: toProvenance(instance, entry),
    get table() {
      return open(path, schema, project);
    },
  };
}

/** A table whose columns are those that the present code reads. */
function open(path: string, schema: TableSchema, project: Project): TableFile<never> {
  try {
    return TableFile.open(path, schema) as TableFile<never>;
  } catch (cause) {
    throw stale(messageOf(cause), runCommand(project), cause);
  }
}

function toProvenance(instance: string, entry: LockEntry): Provenance {
  const { key, params, seed, seconds, device, versions } = entry;
  return { stageKey: key, instance, params, seed, seconds, device, versions };
}

function stale(reason: string, remedy: string, cause?: unknown): PipelineError {
  return new PipelineError(`Cannot open the committed report as ${reason}: ${remedy}`, {
    status: EXIT.stale,
    cause,
  });
}
