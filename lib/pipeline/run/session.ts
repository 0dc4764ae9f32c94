/**
 * A session: everything that a run needs around it (slots, processes, Ctrl-C, reporters and the
 * run's record), and what follows it (the report's folder and the lock file).
 *
 * @module
 */
import { lookUp } from "../base/json.ts";
import { join } from "node:path";
import { readCodeParts } from "../code/code_memo.ts";
import type { Project } from "../config/project.ts";
import { capacity } from "../execute/capacity.ts";
import type { Site } from "../execute/site.ts";
import type { EventSink, SummaryEvent } from "../execute/events.ts";
import { listenForInterrupt } from "./interrupt.ts";
import type { LoadedPlan } from "../plan/load.ts";
import {
  isLockCurrent,
  makeLockFile,
  readLockFile,
  rememberLock,
  writeLockFile,
} from "../records/lock_file.ts";
import type { Manifest } from "../store/manifest.ts";
import type { PlannedInstance } from "../plan/plan.ts";
import { Preparations } from "../execute/preparations.ts";
import { type PublishedFile, publishedFiles } from "../records/publish.ts";
import { ReportFolder } from "../records/report_folder.ts";
import { openReporter, type Reporter } from "../display/reporter.ts";
import type { Prepared } from "../execute/requirement.ts";
import { exitStatus, Run, type RunOptions } from "./run.ts";
import type { RunSetup } from "./run_setup.ts";
import { RunLog } from "../records/run_log.ts";
import type { SharedStoreSettings } from "../shared_store/settings.ts";
import type { Sharing } from "../shared_store/sharing.ts";
import { here, type LocalSiteOptions } from "./site.ts";
import { Slots } from "../execute/slots.ts";
import { pastSeconds, RunState, secondsEstimator } from "../freshness/state.ts";
import type { Store } from "../store/store.ts";
import { shareStore } from "../store/store_use.ts";

/** How a session runs and what it shows. */
export interface SessionOptions extends LocalSiteOptions {
  readonly project: Project;
  /** Whether events go to stdout as JSON lines. */
  readonly asJson: boolean;
  /** Whether independent instances go on after a failure. */
  readonly keepGoing: boolean;
}

/** What a run left. */
export interface RunResult {
  readonly summary: SummaryEvent;
  /** Manifests of the instances that are up to date. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** One run's surroundings. */
export class Session {
  readonly #options: SessionOptions;
  readonly #loaded: LoadedPlan;
  readonly #store: Store;
  readonly #use: Disposable;
  readonly #state: RunState;
  readonly #report: ReportFolder;
  readonly #site: Site;
  readonly #reporter: Reporter;
  readonly #log: RunLog;
  readonly #interrupt: { readonly signal: AbortSignal; readonly stop: () => void };
  /** Instances whose result is another than before. */
  readonly #changed = new Set<string>();
  /** Instances that are to be announced before the first of them executes. */
  #announced: readonly PlannedInstance[] | null = null;
  #instances: readonly PlannedInstance[] = [];
  readonly #ended = new Set<string>();

  /**
   * @param instanceCount Number of instances that the reporter will hear of.
   * @param site Where instances execute.
   */
  constructor(
    options: SessionOptions,
    loaded: LoadedPlan,
    store: Store,
    instanceCount: number,
    site: Site = here(options),
  ) {
    this.#options = options;
    this.#loaded = loaded;
    this.#store = store;
    this.#use = shareStore(store);
    this.#state = new RunState(options.project, store);
    this.#report = new ReportFolder(store, options.project);
    this.#site = site;
    this.#reporter = openReporter(options.asJson, instanceCount);
    this.#log = new RunLog(store);
    this.#interrupt = listenForInterrupt(
      site.executor,
      (text) => this.emit({ event: "note", text }),
    );
  }

  /** Reports an event. */
  readonly emit: EventSink = (event) => {
    if (event.event === "start") this.#announce();
    if (event.event === "instance") this.#ended.add(event.instance);
    if (event.event === "instance" && event.outcome !== "fresh") this.#changed.add(event.instance);
    this.#log.record(event);
    this.#reporter.emit(event);
  };

  /** Brings instances up to date. @param sharedStore The shared store to use, if any. */
  async run(
    instances: readonly PlannedInstance[],
    options: Omit<RunOptions, "expectedSeconds" | "keepGoing" | "publicationReads">,
    sharedStore: SharedStoreSettings | null = null,
  ): Promise<RunResult> {
    const sharing = sharedStore ? await this.#share(sharedStore) : undefined;
    this.#announced = this.#instances = instances;
    const engine = new Run(this.#setup(sharing), {
      ...options,
      publicationReads: this.#report.reads(this.#loaded.plan),
      keepGoing: this.#options.keepGoing,
      expectedSeconds: ({ name }) => pastSeconds(this.#store, this.#state, name),
    });
    const summary = await engine.run(instances);
    const manifests = new Map<string, Manifest>();
    for (const { name } of instances) {
      const manifest = await engine.manifestOf(name)?.catch(() => null);
      if (manifest) manifests.set(name, manifest);
    }
    return { summary, manifests };
  }

  /** Says what the run may take, for estimates; only once something executes, as in most runs nothing does. */
  #announce(): void {
    const instances = this.#announced;
    if (!instances) return;
    this.#announced = null;
    const estimate = secondsEstimator(this.#store, this.#state);
    this.emit({
      event: "plan",
      profile: this.#options.project.profile,
      slots: this.#site.slots instanceof Slots ? capacity(this.#options.jobs).cpus : null,
      expectedSeconds: Object.fromEntries(instances.map(({ name }) => [name, estimate(name)])),
    });
  }

  /** What a slow choice costs, by what the store has of the past or else the lock file. */
  async #priceOf(requirement: string, { slowdownFrom }: Prepared): Promise<string | null> {
    const { project, jobs } = this.#options;
    if (!slowdownFrom || !(this.#site.slots instanceof Slots)) return null;
    const [{ priceOfSlowness }, lock] = await Promise.all([
      import("./slowdown.ts"),
      readLockFile(project.lockFile).catch(() => null),
    ]);
    return priceOfSlowness({
      plan: this.#loaded.plan,
      instances: this.#instances.filter(({ name }) => !this.#ended.has(name)),
      requirement,
      slowdownFrom,
      past: ({ name }) => {
        const key = this.#state.keyOf(name);
        const manifest = key === undefined ? null : this.#store.read(key);
        if (manifest) return manifest;
        const entry = lock && lookUp(lock.instances, name);
        return entry ? { seconds: entry.seconds, environment: entry } : null;
      },
      slots: capacity(jobs).cpus,
    });
  }

  /** Most runs use no shared store, and load nothing for it. */
  async #share(settings: SharedStoreSettings): Promise<Sharing> {
    const { Sharing } = await import("../shared_store/sharing.ts");
    return new Sharing(settings, this.#store, this.emit, this.#interrupt.signal);
  }

  #setup(sharing: Sharing | undefined): RunSetup {
    const { project } = this.#options;
    const { executor, slots, requirements } = this.#site;
    const { plan, code, installSeconds } = this.#loaded;
    const { signal } = this.#interrupt;
    return {
      folder: project.folder,
      plan,
      code,
      store: this.#store,
      state: this.#state,
      executor,
      preparations: new Preparations(
        requirements,
        this.emit,
        signal,
        installSeconds,
        (name, prepared) => this.#priceOf(name, prepared),
      ),
      slots,
      emit: this.emit,
      sharing,
      signal,
    };
  }

  /**
   * Publishes what is up to date.
   *
   * @param shown Whether texts are shown also of what neither ran nor had to be written.
   * @returns The texts to show.
   */
  async publish(
    instances: readonly PlannedInstance[],
    manifests: ReadonlyMap<string, Manifest>,
    shown: boolean,
  ): Promise<string[]> {
    const { plan } = this.#loaded;
    const files = instances.flatMap((instance) => {
      const manifest = manifests.get(instance.name);
      return manifest ? publishedFiles(plan, instance, manifest) : [];
    });
    const written = await this.#report.publish(files);
    const isNews = ({ path, instance }: PublishedFile) =>
      shown || written.has(path) || this.#changed.has(instance);
    const stageOf = new Map(instances.map(({ name, stage }) => [name, plan.stages[stage]]));
    const isShown = ({ path, instance, output }: PublishedFile) =>
      stageOf.get(instance)!.outputs[output].show === path;
    const { reports } = this.#options.project;
    return files.filter((file) => isShown(file) && isNews(file))
      .map(({ path }) => Deno.readTextFileSync(join(reports, path)));
  }

  /** Writes the lock file of a plan whose instances are all up to date. */
  async lock(manifests: ReadonlyMap<string, Manifest>): Promise<void> {
    const { lockFile, profile } = this.#options.project;
    const memory = this.#store.path("state", `${profile ?? "default"}.lock.json`);
    if (await isLockCurrent(lockFile, manifests, memory)) return;
    const codeOf = (key: string) => readCodeParts(this.#store, key);
    await writeLockFile(lockFile, await makeLockFile(this.#loaded.plan, manifests, codeOf));
    await rememberLock(lockFile, manifests, memory);
  }

  /** Shows the end and returns the exit status. */
  end({ summary, manifests }: RunResult, texts: readonly string[]): number {
    this.#log.record(summary);
    this.#log.end(Object.fromEntries([...manifests].map(([name, { key }]) => [name, key])));
    this.#reporter.end(summary, texts);
    return exitStatus(summary, this.#interrupt.signal);
  }

  [Symbol.dispose](): void {
    this.#interrupt.stop();
    this.#reporter.close();
    this.#log[Symbol.dispose]();
    this.#use[Symbol.dispose]();
  }
}
