/**
 * A run: brings instances up to date, each as soon as those that it needs are, as many at once as
 * the machine has slots for.
 *
 * @module
 */
import { Assessor, producersOf } from "./assess.ts";
import type { CodeMemo } from "./code_memo.ts";
import { EXIT, PipelineError } from "./errors.ts";
import type { EventSink, InstanceEvent, Outcome, SummaryEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { runTask } from "./execution.ts";
import type { Manifest } from "./manifest.ts";
import type { Plan, PlannedInstance } from "./plan.ts";
import type { Preparations } from "./preparations.ts";
import type { Slots } from "./slots.ts";
import type { RunState } from "./state.ts";
import type { Store } from "./store.ts";

/** Everything that a run works with. */
export interface RunSetup {
  readonly folder: string;
  readonly plan: Plan;
  readonly code: CodeMemo;
  readonly store: Store;
  readonly state: RunState;
  readonly executor: Executor;
  readonly preparations: Preparations;
  readonly slots: Slots;
  readonly emit: EventSink;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
}

/** Settings of a run. */
export interface RunOptions {
  readonly isForced: (instance: PlannedInstance) => boolean;
  /** Results of instances that the run takes as they are. */
  readonly known?: ReadonlyMap<string, Manifest>;
  /** Whether independent instances go on after a failure. */
  readonly keepGoing: boolean;
  /** Expected seconds of an instance's execution; `undefined` where it never ran. */
  readonly expectedSeconds: (instance: PlannedInstance) => number | undefined;
}

/** An instance is not up to date, and why; not an error of the engine. */
class NotDone extends Error {
  readonly outcome: "failed" | "skipped";

  constructor(outcome: "failed" | "skipped", reason: string) {
    super(reason);
    this.outcome = outcome;
  }
}

/** One run. */
export class Run {
  readonly #setup: RunSetup;
  readonly #options: RunOptions;
  readonly #assessor: Assessor;
  readonly #instances: ReadonlyMap<string, PlannedInstance>;
  readonly #urgencies: ReadonlyMap<string, number>;
  /** The result of every instance that was asked for, or the work on it. */
  readonly #results = new Map<string, Promise<Manifest>>();
  readonly #events = new Map<string, InstanceEvent>();
  /** Instances that were forced and have run. */
  readonly #forcedDone = new Set<string>();
  #failed = false;

  constructor(setup: RunSetup, options: RunOptions) {
    this.#setup = setup;
    this.#options = options;
    this.#assessor = new Assessor(setup.plan, setup.store, setup.state);
    this.#instances = new Map(setup.plan.instances.map((each) => [each.name, each]));
    for (const [name, manifest] of options.known ?? []) {
      this.#results.set(name, Promise.resolve(manifest));
    }
    this.#urgencies = urgencies(setup.plan, options.expectedSeconds);
  }

  /** Brings instances up to date; those that they need must be among them. */
  async run(instances: readonly PlannedInstance[]): Promise<SummaryEvent> {
    await Promise.allSettled(instances.map(({ name }) => this.#ensure(name)));
    this.#setup.state.save();
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
      const known = error instanceof NotDone ? error : new NotDone("failed", messageOf(error));
      if (known.outcome === "failed") this.#failed = true;
      this.#end(instance, known.outcome, known.message, null, 0);
      throw known;
    }
  }

  /** Brings an instance up to date, or returns `null` if an input had to be made again. */
  async #attempt(instance: PlannedInstance): Promise<Manifest | null> {
    const manifests = await this.#producers(instance);
    const isForced = this.#options.isForced(instance) && !this.#forcedDone.has(instance.name);
    const assess = (forced: boolean) =>
      this.#assessor.assess(instance, (name) => manifests.get(name)!, forced);
    const assessment = await assess(isForced);
    if (assessment.kind !== "stale") return this.#settle(instance, assessment);
    this.#checkGoing();
    const release = await this.#setup.store.claim(assessment.key.key);
    try {
      // Another engine may have made it while this one waited.
      const again = await assess(isForced);
      if (again.kind !== "stale") return this.#settle(instance, again);
      const damaged = await this.#damagedProducers(instance, manifests);
      if (damaged.length > 0) {
        for (const name of damaged) this.#results.delete(name);
        return null;
      }
      return await this.#execute(instance, again, manifests);
    } finally {
      release();
    }
  }

  async #producers(instance: PlannedInstance): Promise<Map<string, Manifest>> {
    const names = producersOf(instance);
    const results = await Promise.allSettled(names.map((name) => this.#ensure(name)));
    return new Map(results.map((result, i) => {
      if (result.status === "fulfilled") return [names[i], result.value];
      throw new NotDone("skipped", `${names[i]} is not up to date`);
    }));
  }

  /** Producers with a damaged blob that the instance would read; the blobs are discarded. */
  async #damagedProducers(
    instance: PlannedInstance,
    manifests: ReadonlyMap<string, Manifest>,
  ): Promise<string[]> {
    const { store, emit } = this.#setup;
    const damaged: string[] = [];
    for (const { instance: name, output } of instance.inputs.flatMap((input) => input.producers)) {
      const record = manifests.get(name)!.outputs[output];
      if (record.kind !== "table" || await store.verify(record.file)) continue;
      store.discard(record.file);
      emit({ event: "note", text: `${name}: its stored ${output} is damaged; it is made again` });
      damaged.push(name);
    }
    return damaged;
  }

  #settle(
    instance: PlannedInstance,
    { kind, key, manifest, reason }: {
      kind: "fresh" | "restored";
      key: { key: string };
      manifest: Manifest;
      reason: string;
    },
  ): Manifest {
    this.#setup.state.record(instance.name, manifest);
    this.#end(instance, kind, reason, key.key, 0);
    return manifest;
  }

  async #execute(
    instance: PlannedInstance,
    { key, reason }: { key: Parameters<typeof runTask>[2]; reason: string },
    manifests: ReadonlyMap<string, Manifest>,
  ): Promise<Manifest> {
    const { plan, slots, preparations, state, emit } = this.#setup;
    const stage = plan.stages[instance.stage];
    const prepared = await preparations.prepare(stage.requires);
    slots.offerGpus(prepared.gpus);
    const slot = await slots.acquire(stage.resources, this.#urgencies.get(instance.name) ?? 0);
    try {
      this.#checkGoing();
      const expectedSeconds = this.#options.expectedSeconds(instance) ?? null;
      emit({ event: "start", instance: instance.name, reason, expectedSeconds });
      const manifest = await runTask(this.#setup, instance, key, manifests, slot, prepared);
      this.#forcedDone.add(instance.name);
      state.record(instance.name, manifest);
      this.#end(instance, "ran", reason, key.key, manifest.seconds);
      return manifest;
    } finally {
      slot.release();
    }
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * How urgent each instance is: the time from its start to the end of the longest chain that waits
 * for it. Instances that never ran count as long, so that what is unknown starts early.
 */
function urgencies(
  plan: Plan,
  expectedSeconds: (instance: PlannedInstance) => number | undefined,
): Map<string, number> {
  const UNKNOWN_SECONDS = 60;
  const longest = new Map<string, number>();
  for (const instance of [...plan.instances].reverse()) {
    const own = expectedSeconds(instance) ?? UNKNOWN_SECONDS;
    const total = (longest.get(instance.name) ?? 0) + own;
    longest.set(instance.name, total);
    for (const name of producersOf(instance)) {
      longest.set(name, Math.max(longest.get(name) ?? 0, total));
    }
  }
  return longest;
}

/** The exit status that a summary stands for. */
export function exitStatus(summary: SummaryEvent, signal: AbortSignal): number {
  if (signal.aborted) return EXIT.interrupted;
  return summary.failed > 0 ? EXIT.stageFailed : EXIT.done;
}

/** Fails if a run was asked for instances that are not there. */
export function assertSome(instances: readonly PlannedInstance[]): void {
  if (instances.length === 0) {
    throw new PipelineError("There is nothing to run: no stage is selected");
  }
}
