/**
 * `run --frozen`: regenerates the report from the lock file and the committed tables. Nothing else
 * executes; what does not fit the lock file is an error that says what changed.
 *
 * @module
 */
import { lookUp } from "../base/json.ts";
import { relative } from "node:path";
import { readCodeParts } from "../code/code_memo.ts";
import { EXIT, PipelineError } from "../base/errors.ts";
import type { SummaryEvent } from "../execute/events.ts";
import { count } from "../../base/format.ts";
import { type LoadedPlan, loadPlan } from "../plan/load.ts";
import { FrozenResults } from "../run/frozen_results.ts";
import {
  lockedCode,
  lockEntry,
  type LockFile,
  readLockFile,
  writeLockFile,
} from "../records/lock_file.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Plan, PlannedInstance } from "../plan/plan.ts";
import type { Project } from "../config/project.ts";
import { Session } from "../run/session.ts";
import { Store } from "../store/store.ts";
import { selectTargets, withProducers } from "../plan/target.ts";
import { sessionOptions } from "./options.ts";
import type { VerbContext } from "./verb.ts";

/** Regenerates the report. @returns Exit status 3 if something does not fit the lock file. */
export async function runFrozen(context: VerbContext): Promise<number> {
  const { project, flags, words } = context;
  if (flags.force || flags["force-from"]) {
    throw new PipelineError("Cannot force anything with --frozen, as nothing executes but reports");
  }
  if (flags.store) {
    throw new PipelineError(
      "Cannot use a shared store with --frozen, as it takes nothing on trust",
    );
  }
  const lock = await requireLock(project);
  const store = new Store(project.artifacts);
  const loaded = await loadPlan(project, store, context.verbNames);
  const instances = withProducers(loaded.plan, selectTargets(loaded.plan, words));
  const reports = instances.filter((instance) => isReport(loaded.plan, instance));
  const others = instances.filter((instance) => !isReport(loaded.plan, instance));
  const results = new FrozenResults(loaded.plan, lock, store, project);
  using session = new Session(sessionOptions(context), loaded, store, instances.length);
  const failed = await settle(session, results, others);
  if (failed > 0) return endStale(session, failed, others.length - failed, project);
  await results.adoptTables(reports);
  if (flags["dry-run"]) return EXIT.done;
  const { summary, manifests } = await session.run(reports, {
    isForced: () => false,
    known: results.manifests,
  });
  const texts = await session.publish(reports, manifests, true);
  await updateLock(project, lock, loaded, reports, manifests, store);
  const total = { ...summary, fresh: summary.fresh + others.length };
  return session.end({ summary: total, manifests }, texts);
}

async function requireLock(project: Project): Promise<LockFile> {
  const lock = await readLockFile(project.lockFile);
  if (lock) return lock;
  throw new PipelineError(
    `Cannot run --frozen as there is no lock file ${relative(Deno.cwd(), project.lockFile)}: ` +
      "run once without --frozen, and commit it with the report",
    { status: EXIT.stale },
  );
}

/** Whether an instance's stage publishes files. */
function isReport(plan: Plan, { stage }: PlannedInstance): boolean {
  return Object.values(plan.stages[stage].outputs).some(({ kind }) => kind === "files");
}

/** Compares every instance with the lock file and reports it. @returns The number that is stale. */
async function settle(
  session: Session,
  results: FrozenResults,
  instances: readonly PlannedInstance[],
): Promise<number> {
  let failed = 0;
  for (const instance of instances) {
    const stale = await results.check(instance);
    if (stale !== null) failed += 1;
    session.emit({
      event: "instance",
      instance: instance.name,
      outcome: stale === null ? "fresh" : "failed",
      reason: stale ?? "as the lock file records it",
      key: results.manifests.get(instance.name)?.key ?? null,
      seconds: 0,
    });
  }
  return failed;
}

function endStale(session: Session, failed: number, fresh: number, project: Project): number {
  const summary: SummaryEvent = {
    event: "summary",
    ran: 0,
    restored: 0,
    fresh,
    failed,
    seconds: performance.now() / 1000,
    installSeconds: 0,
  };
  session.end({ summary, manifests: new Map() }, []);
  const file = relative(Deno.cwd(), project.lockFile);
  console.error(
    `Cannot regenerate the report as ${count(failed, "instance")} would not come out as ${file} ` +
      "records: run without --frozen, and commit the lock file and the report",
  );
  return EXIT.stale;
}

/** Records a report that came out otherwise, as its code changed; all else stays as it is. */
async function updateLock(
  project: Project,
  lock: LockFile,
  { plan }: LoadedPlan,
  reports: readonly PlannedInstance[],
  manifests: ReadonlyMap<string, Manifest>,
  store: Store,
): Promise<void> {
  const [stages, instances] = [{ ...lock.stages }, { ...lock.instances }];
  for (const { name, stage } of reports) {
    const manifest = manifests.get(name);
    if (!manifest || lookUp(instances, name)?.key === manifest.key) continue;
    const code = manifest.parts.code;
    stages[stage] = { code, ...await lockedCode(readCodeParts(store, code)) };
    instances[name] = await lockEntry(manifest);
  }
  for (const name of Object.keys(stages)) {
    if (!Object.hasOwn(plan.stages, name)) delete stages[name];
  }
  await writeLockFile(project.lockFile, { format: 1, stages, instances });
}
