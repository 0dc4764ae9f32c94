/**
 * The results that a lock file records, taken as they are: checked against the plan, and with the
 * committed tables in the place of the store's.
 *
 * @module
 */
import { lookUp } from "../base/json.ts";
import { join, relative } from "node:path";
import { readCodeParts } from "../code/code_memo.ts";
import type { CodeParts } from "../code/code_parts.ts";
import { EXIT, PipelineError } from "../base/errors.ts";
import { statIfThere } from "../base/files.ts";
import { digestFile } from "../../base/digest_file.ts";
import { assembleKey, type StageKey } from "../freshness/key.ts";
import {
  lockedCode,
  lockedInputs,
  type LockedStage,
  type LockEntry,
  type LockFile,
} from "../records/lock_file.ts";
import type { Manifest } from "../store/manifest.ts";
import { type Plan, type PlannedInstance, producersOf } from "../plan/plan.ts";
import type { Project } from "../config/project.ts";
import { committedPath } from "../records/publish.ts";
import { differences } from "../freshness/reason.ts";
import type { Store } from "../store/store.ts";

/** Results of a lock file. */
export class FrozenResults {
  /** Manifests of the instances that fit the lock file. */
  readonly manifests = new Map<string, Manifest>();
  readonly #plan: Plan;
  readonly #lock: LockFile;
  readonly #store: Store;
  readonly #project: Project;
  readonly #instances: ReadonlyMap<string, PlannedInstance>;

  constructor(plan: Plan, lock: LockFile, store: Store, project: Project) {
    this.#plan = plan;
    this.#lock = lock;
    this.#store = store;
    this.#project = project;
    this.#instances = new Map(plan.instances.map((instance) => [instance.name, instance]));
  }

  /**
   * Compares an instance with its record; those that it needs are to be checked before it.
   *
   * @returns Why it would have to execute; `null` if the record fits.
   */
  async check(instance: PlannedInstance): Promise<string | null> {
    const entry = lookUp(this.#lock.instances, instance.name);
    if (!entry) return "the lock file does not record it";
    const open = producersOf(instance).find((name) => !this.manifests.has(name));
    if (open !== undefined) return `it needs ${open}`;
    const missing = instance.inputs.flatMap(({ producers }) => producers)
      .find(({ instance: name, output }) =>
        !Object.hasOwn(this.manifests.get(name)!.outputs, output)
      );
    if (missing) return `the lock file records no ${missing.output} of ${missing.instance}`;
    const now = await assembleKey(
      this.#plan,
      instance,
      entry.locations,
      (name) => this.#instances.get(name)!.axes,
      (name) => this.manifests.get(name)!,
    );
    const changes = (await this.#changes(instance, entry, now)).join("; ");
    if (now.key === entry.key && changes === "") {
      this.manifests.set(instance.name, toManifest(instance, entry, now));
      return null;
    }
    if (now.key === entry.key) return `its record in the lock file was edited: ${changes}`;
    return changes || "its key in the lock file does not fit what is recorded beside it";
  }

  async #changes(
    { stage }: PlannedInstance,
    entry: LockEntry,
    { parts }: StageKey,
  ): Promise<string[]> {
    const before = { ...entry, code: lookUp(this.#lock.stages, stage)?.code ?? "" };
    const after = { ...parts, inputs: await lockedInputs(parts.inputs) };
    const codes = before.code === after.code ? new Map() : await this.#codes(stage, after.code);
    return differences(before, after, (code) => codes.get(code) ?? null);
  }

  /** What stands behind the recorded code key of a stage and its present one. */
  async #codes(stage: string, present: string): Promise<Map<string, CodeParts>> {
    const locked = lookUp(this.#lock.stages, stage);
    const now = await lockedCode(readCodeParts(this.#store, present));
    const codes = new Map([[present, toCodeParts(now)]]);
    if (locked) codes.set(locked.code, toCodeParts(locked));
    return codes;
  }

  /**
   * Takes the committed tables that reports read into the store.
   *
   * @throws {PipelineError} with every table that is missing, changed or not committed.
   */
  async adoptTables(reports: readonly PlannedInstance[]): Promise<void> {
    const faults: string[] = [];
    const needed = reports.flatMap((report) =>
      report.inputs.flatMap((input) => input.producers.map((each) => ({ report, ...each })))
    );
    for (const { report, instance, output } of needed) {
      const fault = await this.#adoptTable(instance, output);
      if (fault !== null) faults.push(`${report.name} cannot read ${fault}`);
    }
    if (faults.length === 0) return;
    throw new PipelineError(
      ["Cannot regenerate the report as its data is not what was committed:", ...faults].join("\n"),
      { status: EXIT.stale },
    );
  }

  async #adoptTable(name: string, output: string): Promise<string | null> {
    const { stage } = this.#instances.get(name)!;
    const record = this.manifests.get(name)!.outputs[output];
    if (this.#plan.stages[stage].outputs[output].kind !== "committed" || record.kind !== "table") {
      return `${name}.${output}, as the stage does not commit it: declare the output by committed()`;
    }
    const path = join(this.#project.reports, committedPath(name, output));
    const shown = relative(Deno.cwd(), path);
    const remedy = "restore it from version control";
    if (!statIfThere(path)) return `${shown}, as it is missing: ${remedy}`;
    const digest = await digestFile(path);
    if (digest !== record.file) {
      return `${shown}, as its SHA-256 is ${digest.slice(0, 8)}... and not ` +
        `${record.file.slice(0, 8)}... as in the lock file: ${remedy}`;
    }
    if (!await this.#store.verify(digest)) await this.#store.import(path);
    return null;
  }
}

/** What the lock file records, in the form in which a run has its results. */
function toManifest(
  { name }: PlannedInstance,
  entry: LockEntry,
  { key, parts }: StageKey,
): Manifest {
  const { outputs, metrics, device, versions, seconds } = entry;
  return {
    key,
    parts,
    instance: name,
    outputs,
    metrics,
    environment: { device, versions },
    host: "",
    finishedAt: "",
    seconds,
    peakMemoryBytes: 0,
  };
}

/** A lock file knows of a module whether it changed, not what in it. */
function toCodeParts({ modules, packages }: Pick<LockedStage, "modules" | "packages">): CodeParts {
  const entries = Object.entries(modules).map(([module, digest]) =>
    [module, { "what is used of it": digest }] as const
  );
  return { modules: Object.fromEntries(entries), packages, runtime: null };
}
