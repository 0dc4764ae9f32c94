/**
 * Follows a figure or a claim back to the executions that it rests on.
 *
 * @module
 */
import { join } from "node:path";
import { statIfThere } from "../../pipeline/base/files.ts";
import { selectTargets, withProducers } from "../../pipeline/plan/target.ts";
import { committedPath } from "../../pipeline/records/publish.ts";
import { commandOf } from "../input/provenance.ts";
import type { TableRead } from "../input/reads.ts";
import { type CommittedReport, instancesByKey, shown } from "./committed_report.ts";
import { lastRevision } from "./git.ts";
import type { Subject } from "./subject.ts";

/** An execution, as the lock file records it. */
export interface TracedInstance {
  readonly instance: string;
  readonly stageKey: string;
  readonly codeKey: string;
  readonly seed: number;
  readonly params: Readonly<Record<string, unknown>>;
  /** SHA-256 of each output, or of its files. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** A committed table that was read. */
export interface TracedTable {
  readonly path: string;
  readonly rows: number;
}

/** What stands behind a figure or a claim. */
export interface Trace extends Omit<Subject, "reads" | "runs"> {
  /** The command that makes it again. */
  readonly command: string;
  /** The git revision that last changed the report's data; `null` where it is not known. */
  readonly revision: string | null;
  /** The figure's data file in the report's folder; `null` of claims. */
  readonly file: string | null;
  readonly tables: readonly TracedTable[];
  /** Those that made the tables, and all that they need, in the order of execution. */
  readonly instances: readonly TracedInstance[];
}

/** Follows a subject back. */
export async function traceOf(
  committed: CommittedReport,
  { reads, runs, ...subject }: Subject,
): Promise<Trace> {
  const { input, project, plan, lock } = committed;
  const origins = originsOf(committed, reads);
  const makers = [...new Set(origins.map(({ instance }) => instance))];
  const needed = makers.length === 0 ? [] : withProducers(plan, selectTargets(plan, makers));
  const path = join(project.reports, "data", `${subject.id}.csv`);
  return {
    ...subject,
    command: commandOf(input, runs),
    revision: await lastRevision(project.folder, join(project.reports, "data")),
    file: subject.kind === "figure" && statIfThere(path) ? shown(path) : null,
    tables: origins.map(({ instance, output, rows }) => ({
      path: shown(join(project.reports, committedPath(instance, output))),
      rows,
    })),
    instances: needed.flatMap(({ name, stage }): TracedInstance[] => {
      const entry = lock.instances[name];
      if (entry === undefined) return [];
      const { key, seed, params, outputs, device, versions, seconds } = entry;
      return [{
        instance: name,
        stageKey: key,
        codeKey: lock.stages[stage]?.code ?? "",
        seed,
        params,
        outputs: Object.fromEntries(
          Object.entries(outputs).map(([output, record]) => [
            output,
            record.kind === "table" ? record.file : record.files,
          ]),
        ),
        device,
        versions,
        seconds,
      }];
    }),
  };
}

interface Origin {
  readonly instance: string;
  readonly output: string;
  readonly rows: number;
}

/** The outputs that hold the tables which were read. */
function originsOf(committed: CommittedReport, reads: readonly TableRead[]): Origin[] {
  const names = instancesByKey(committed);
  return reads.flatMap(({ input, stageKey, rows }) => {
    const all = committed.report.inputs.find(({ name }) => name === input)?.producers ?? [];
    const key = (instance: string) => committed.lock.instances[instance]?.key;
    // Executions with equal keys are one, whatever they are called; without a key all may be meant.
    const producers = stageKey === null
      ? all
      : all.filter(({ instance }) => key(instance) === stageKey && names.has(stageKey));
    return producers.map(({ instance, output }) => ({ instance, output, rows: rows.length }));
  });
}
