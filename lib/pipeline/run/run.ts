/**
 * A run: brings instances up to date, each as soon as those that it needs are, as many in parallel as
 * the machine has slots for.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../base/message_of.ts";
import { type Assessment, Assessor } from "../freshness/assess.ts";
import { EXIT } from "../base/errors.ts";
import type { InstanceEvent, Outcome, SummaryEvent } from "../execute/events.ts";
import { execute } from "./execution.ts";
import type { Manifest } from "../store/manifest.ts";
import { NotDone } from "./not_done.ts";
import { type PlannedInstance, producersOf } from "../plan/plan.ts";
import { findPredecessor } from "../freshness/predecessor.ts";
import { type BlobRead, type PublicationReads, tablesRead } from "../freshness/reads.ts";
import type { Prepared } from "../execute/requirement.ts";
import { Scratch } from "../base/scratch.ts";
import type { Slot } from "../execute/slots.ts";
import { Repairs } from "./repairs.ts";
import { blobsOf } from "../store/store.ts";
import type { RunSetup } from "./run_setup.ts";
import { urgencies } from "./urgency.ts";

/** Settings of a run. */
export interface RunOptions {
  readonly isForced: (instance: PlannedInstance) => boolean;
  /** Results of instances that the run takes as they are. */
  readonly known?: ReadonlyMap<string, Manifest>;
  /** Names the blobs that are read after the run. @default {none} */
  readonly publicationReads?: PublicationReads;
  /** Whether nothing executes: what no store has is skipped. */
  readonly restoreOnly?: boolean;
  /** Whether independent instances go on after a failure. */
  readonly keepGoing: boolean;
  /** Expected seconds of an instance's execution; `undefined` where it never ran. */
  readonly expectedSeconds: (instance: PlannedInstance) => number | undefined;
}

/** Polling interval while another engine holds the key. */
const RETRY_MS = 100;

/** An instance, and the results that it needs. */
interface Work {
  readonly instance: PlannedInstance;
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** An instance that need not execute. */
type Restored = Extract<Assessment, { manifest: Manifest }>;

/** One run. */
export class Run {
  readonly #setup: RunSetup;
  readonly #options: RunOptions;
  readonly #assessor: Assessor;
  readonly #instances: ReadonlyMap<string, PlannedInstance>;
  /** Known once something executes: in most runs nothing does. */
  #urgencies: ReadonlyMap<string, number> | null = null;
  /** The result of every instance that was asked for, or the work on it. */
  readonly #results = new Map<string, Promise<Manifest>>();
  readonly #events = new Map<string, InstanceEvent>();
  /** Keys that this run has executed: what is forced is forced once. */
  readonly #made = new Set<string>();
  /** Work on keys that this engine has claimed. */
  readonly #running = new Map<string, Promise<Manifest | null>>();
  readonly #repairs: Repairs;
  /** Instances that waited for another engine. */
  readonly #waited = new Set<string>();
  #scratch: Scratch | null = null;
  #failed = false;

  constructor(setup: RunSetup, options: RunOptions) {
    this.#setup = setup;
    this.#options = options;
    this.#assessor = new Assessor(setup.plan, setup.store, setup.state);
    this.#instances = new Map(setup.plan.instances.map((each) => [each.name, each]));
    const { known = new Map<string, Manifest>() } = options;
    for (const [name, manifest] of known) this.#results.set(name, Promise.resolve(manifest));
    this.#repairs = new Repairs({
      store: setup.store,
      instances: setup.plan.instances,
      emit: setup.emit,
      known,
      remake: (name) => {
        this.#results.delete(name);
        return this.#ensure(name);
      },
    });
  }

  /** Brings instances up to date; those that they need must be among them. */
  async run(instances: readonly PlannedInstance[]): Promise<SummaryEvent> {
    try {
      await Promise.allSettled(instances.map(({ name }) => this.#ensure(name)));
    } finally {
      this.#scratch?.[Symbol.dispose]();
      this.#scratch = null;
    }
    this.#setup.state.save();
    await this.#setup.sharing?.settled();
    const count = (outcome: Outcome) =>
      instances.filter(({ name }) => this.#events.get(name)?.outcome === outcome).length;
    const { installSeconds } = this.#setup.preparations;
    return {
      event: "summary",
      ran: count("ran"),
      restored: count("restored"),
      fresh: count("fresh"),
      failed: count("failed"),
      // The clock starts with the process.
      seconds: Math.max(0, performance.now() / 1000 - installSeconds),
      installSeconds,
    };
  }

  /** The manifest of an instance that this run brought up to date. */
  manifestOf(instance: string): Promise<Manifest> | undefined {
    return this.#results.get(instance);
  }

  #ensure(name: string): Promise<Manifest> {
    let result = this.#results.get(name);
    if (!result) {
      result = this.#bringUp(this.#instances.get(name)!);
      result.catch(() => {});
      this.#results.set(name, result);
    }
    return result;
  }

  async #bringUp(instance: PlannedInstance): Promise<Manifest> {
    try {
      for (;;) {
        const manifest = await this.#attempt(instance);
        if (manifest) return manifest;
      }
    } catch (error) {
      const known = error instanceof NotDone
        ? error
        : new NotDone("failed", messageOf(error), { cause: error });
      if (known.outcome === "failed") this.#failed = true;
      this.#end(instance, known.outcome, known.message, null, 0);
      throw known;
    }
  }

  /** Brings an instance up to date, or returns `null` if that is to be tried again. */
  async #attempt(instance: PlannedInstance): Promise<Manifest | null> {
    const work = { instance, manifests: await this.#producers(instance) };
    await this.#repairs.settled(instance.name, this.#reads(work).map(({ digest }) => digest));
    const assessment = await this.#assess(work);
    if (assessment.kind !== "stale") return this.#settle(instance, assessment);
    this.#checkGoing();
    if (await this.#isComing(instance, assessment)) return null;
    const shared = await this.#restoreShared(instance, assessment);
    if (shared) return this.#settle(instance, shared);
    if (this.#options.restoreOnly) throw new NotDone("skipped", "no store has its result");
    const { plan, preparations, slots, store } = this.#setup;
    const { requires, resources } = plan.stages[instance.stage];
    const prepared = await preparations.prepare(requires);
    slots.offerGpus(prepared.gpus);
    this.#urgencies ??= urgencies(plan, this.#options.expectedSeconds);
    using slot = await slots.acquire(resources, this.#urgencies.get(instance.name) ?? 0);
    this.#checkGoing();
    const { key } = assessment.key;
    const release = store.claim(key);
    if (!release) {
      slot.release();
      await this.#waitForOther(instance, key);
      return null;
    }
    const attempt = this.#claimed(work, slot, prepared).finally(release);
    this.#running.set(key, attempt);
    return await attempt.finally(() => this.#running.delete(key));
  }

  /** Whether what a stale instance lacks was made again by another one while it waited. */
  async #isComing({ name }: PlannedInstance, { key }: Assessment): Promise<boolean> {
    const lost = this.#setup.store.read(key.key);
    return lost !== null &&
      await this.#repairs.settled(name, blobsOf(lost).map(({ file }) => file));
  }

  /** The result of a stale instance from the shared store, if that has it. */
  async #restoreShared(
    instance: PlannedInstance,
    { key, reason }: Assessment,
  ): Promise<Restored | null> {
    const { sharing, plan } = this.#setup;
    if (!sharing || this.#options.isForced(instance)) return null;
    const manifest = await sharing.restore(key, plan.stages[instance.stage]);
    const source = `from the shared store ${sharing.address}`;
    return manifest && { kind: "restored", key, manifest, reason: `${source}: ${reason}` };
  }

  async #assess({ instance, manifests }: Work): Promise<Assessment> {
    const manifestOf = (name: string) => manifests.get(name)!;
    const isForced = this.#options.isForced(instance);
    const assessment = await this.#assessor.assess(instance, manifestOf, isForced);
    return isForced && this.#made.has(assessment.key.key)
      ? await this.#assessor.assess(instance, manifestOf, false)
      : assessment;
  }

  /** Waits while another instance or another engine works on the same key. */
  async #waitForOther(instance: PlannedInstance, key: string): Promise<void> {
    const running = this.#running.get(key);
    if (running) return void await running.catch(() => {});
    if (!this.#waited.has(instance.name)) {
      this.#waited.add(instance.name);
      this.#setup.emit({
        event: "note",
        text: `${instance.name}: another run makes it; this one waits for it`,
      });
    }
    await delay(RETRY_MS);
  }

  /** Executes an instance that no other engine works on. */
  async #claimed(work: Work, slot: Slot, prepared: Prepared): Promise<Manifest | null> {
    const { instance, manifests } = work;
    const assessment = await this.#assess(work);
    // Another engine may have made it while this one waited.
    if (assessment.kind !== "stale") return null;
    if (await this.#mustRepair(instance, this.#reads(work))) return null;
    const { store, plan, code, state, emit } = this.#setup;
    const { key, reason } = assessment;
    const isForced = this.#options.isForced(instance);
    const predecessor = isForced
      ? null
      : await findPredecessor(store, plan.stages[instance.stage], key);
    const expectedSeconds = this.#options.expectedSeconds(instance) ?? null;
    emit({ event: "start", instance: instance.name, key: key.key, reason, expectedSeconds });
    this.#scratch ??= new Scratch(store.path("tmp"));
    const manifest = await execute(this.#setup, {
      instance,
      key,
      manifests,
      axesOf: (name) => this.#instances.get(name)!.axes,
      predecessor,
      slot,
      prepared,
      code: await code.foldersOf(plan.stages[instance.stage].module, key.parts.code),
      folder: join(this.#setup.executor.folder ?? this.#scratch.folder, key.key),
    });
    this.#made.add(key.key);
    this.#setup.sharing?.offer(manifest);
    this.#repairs.note(instance.name, manifest);
    state.record(instance.name, manifest);
    this.#end(instance, "ran", reason, key.key, manifest.seconds);
    return manifest;
  }

  async #producers(instance: PlannedInstance): Promise<Map<string, Manifest>> {
    const names = producersOf(instance);
    const results = await Promise.allSettled(names.map((name) => this.#ensure(name)));
    return new Map(results.map((result, i) => {
      if (result.status === "fulfilled") return [names[i], result.value];
      throw new NotDone("skipped", `${names[i]} is not up to date`);
    }));
  }

  #reads({ instance, manifests }: Work): BlobRead[] {
    return tablesRead(instance, (name) => manifests.get(name));
  }

  /** Whether an instance has to wait, as blobs that it reads are damaged and made again. */
  #mustRepair({ name }: PlannedInstance, blobs: readonly BlobRead[]): Promise<boolean> {
    return this.#repairs.start(name, blobs, this.#results.get(name)!);
  }

  /** Takes a result that is there, or returns `null` if what is to be published of it is damaged. */
  async #settle(
    instance: PlannedInstance,
    { kind, key, manifest, reason }: Restored,
  ): Promise<Manifest | null> {
    const reads = await this.#options.publicationReads?.(instance, manifest) ?? [];
    await this.#repairs.settled(instance.name, reads.map(({ digest }) => digest));
    if (await this.#mustRepair(instance, reads)) return null;
    this.#repairs.note(instance.name, manifest);
    this.#setup.state.record(instance.name, manifest);
    this.#end(instance, kind, reason, key.key, 0);
    return manifest;
  }

  #checkGoing(): void {
    if (this.#setup.signal.aborted) throw new NotDone("skipped", "the run was interrupted");
    if (this.#failed && !this.#options.keepGoing) {
      throw new NotDone("skipped", "another instance failed");
    }
  }

  #end(
    { name }: PlannedInstance,
    outcome: Outcome,
    reason: string,
    key: string | null,
    seconds: number,
  ): void {
    const event: InstanceEvent = {
      event: "instance",
      instance: name,
      outcome,
      reason,
      key,
      seconds,
    };
    this.#events.set(name, event);
    this.#setup.emit(event);
  }
}

/** The exit status that a summary stands for. */
export function exitStatus(summary: SummaryEvent, signal: AbortSignal): number {
  if (signal.aborted) return EXIT.interrupted;
  return summary.failed > 0 ? EXIT.stageFailed : EXIT.done;
}
