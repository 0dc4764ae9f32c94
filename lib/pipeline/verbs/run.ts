/**
 * `run`: brings targets up to date, publishes the report and writes the lock file.
 *
 * @module
 */
import { join } from "node:path";
import { EXIT, PipelineError } from "../errors.ts";
import type { RunEvent } from "../events.ts";
import { forecast, printForecast } from "../forecast.ts";
import { loadPlan } from "../load.ts";
import { LocalExecutor } from "../local_executor.ts";
import { type LockEntry, lockEntry, writeLockFile } from "../lock_file.ts";
import type { Manifest } from "../manifest.ts";
import type { Plan, PlannedInstance } from "../plan.ts";
import { Preparations } from "../preparations.ts";
import type { Project } from "../project.ts";
import { publish, publishedFiles } from "../publish.ts";
import { openReporter } from "../reporter.ts";
import { exitStatus, Run } from "../run.ts";
import { Slots } from "../slots.ts";
import { pastSeconds, RunState } from "../state.ts";
import { Store } from "../store.ts";
import { forcedBy, selectTargets, withProducers } from "../target.ts";
import type { VerbContext } from "../verbs.ts";
import { listenForInterrupt } from "../interrupt.ts";

/** Runs; with `--dry-run` says what would be done. */
export async function run(context: VerbContext): Promise<number> {
  const { project, flags } = context;
  if (flags["dry-run"]) {
    printForecast(await forecast(context), flags.json ?? false);
    return EXIT.done;
  }
  const slots = new Slots(capacity(flags.jobs));
  const store = new Store(project.artifacts);
  store.prepare();
  const { plan, code, installSeconds } = await loadPlan(project, store, context.verbNames);
  const targets = selectTargets(plan, context.words);
  const instances = withProducers(plan, targets);
  const state = new RunState(project, store);
  const executor = new LocalExecutor();
  const reporter = openReporter(flags.json ?? false, instances.length);
  const { signal, stop } = listenForInterrupt(
    executor,
    (text) => reporter.emit({ event: "note", text }),
  );
  const changed = new Set<string>();
  const emit = (event: RunEvent) => {
    if (event.event === "instance" && event.outcome !== "fresh") changed.add(event.instance);
    reporter.emit(event);
  };
  const engine = new Run({
    folder: project.folder,
    plan,
    code,
    store,
    state,
    executor,
    preparations: new Preparations(context.requirements, emit, signal, installSeconds),
    slots,
    emit,
    signal,
  }, {
    isForced: forcedBy(plan, targets, flags.force ?? false, flags["force-from"]),
    keepGoing: flags["keep-going"] ?? false,
    expectedSeconds: ({ name }) => pastSeconds(store, state, name),
  });
  try {
    const summary = await engine.run(instances);
    const manifests = await collect(engine, instances);
    const texts = publishAll(plan, store, project, instances, manifests, changed);
    const isWhole = manifests.size === plan.instances.length;
    const isPlain = context.words.length === 0 && !flags.set && !flags.force &&
      !flags["force-from"];
    if (isWhole && (isPlain || flags.lock)) await lock(plan, project, store, manifests);
    reporter.end(summary, texts);
    return exitStatus(summary, signal);
  } finally {
    stop();
    reporter.close();
  }
}

function capacity(jobs: string | undefined) {
  const cpus = jobs === undefined ? navigator.hardwareConcurrency : Number(jobs);
  if (!Number.isInteger(cpus) || cpus < 1) {
    throw new PipelineError(`Cannot run as --jobs must be a whole number from 1: it is "${jobs}"`);
  }
  const gpus = Deno.env.get("CUDA_VISIBLE_DEVICES");
  return {
    cpus,
    memory: Deno.systemMemoryInfo().total / 2 ** 30,
    visibleGpus: gpus === undefined ? null : gpus.split(",").filter((name) => name !== ""),
  };
}

async function collect(
  engine: Run,
  instances: readonly PlannedInstance[],
): Promise<Map<string, Manifest>> {
  const manifests = new Map<string, Manifest>();
  for (const { name } of instances) {
    const manifest = await engine.manifestOf(name)?.catch(() => null);
    if (manifest) manifests.set(name, manifest);
  }
  return manifests;
}

/** Publishes what is up to date; returns the texts to show of what was published anew. */
function publishAll(
  plan: Plan,
  store: Store,
  project: Project,
  instances: readonly PlannedInstance[],
  manifests: ReadonlyMap<string, Manifest>,
  changed: ReadonlySet<string>,
): string[] {
  return instances.flatMap((instance) => {
    const manifest = manifests.get(instance.name);
    if (!manifest) return [];
    const files = publishedFiles(plan, instance, manifest);
    const written = publish(store, project.reports, files, changed.has(instance.name));
    const { outputs } = plan.stages[instance.stage];
    const texts = Object.values(outputs).flatMap(({ show }) => show ?? []);
    return written === 0
      ? []
      : texts.map((path) => Deno.readTextFileSync(join(project.reports, path)));
  });
}

async function lock(
  plan: Plan,
  project: Project,
  store: Store,
  manifests: ReadonlyMap<string, Manifest>,
): Promise<void> {
  const entries: Record<string, LockEntry> = {};
  for (const { name } of plan.instances) entries[name] = lockEntry(manifests.get(name)!);
  const memory = store.path("state", `${project.profile ?? "default"}.lock.json`);
  await writeLockFile(project.lockFile, entries, memory);
}
