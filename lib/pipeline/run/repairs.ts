/**
 * Damaged blobs of a run: each is made again by one instance, whoever finds it and however many
 * results hold it, so that a forecast can say which.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import type { EventSink } from "../execute/events.ts";
import { type BlobRead, holds } from "../freshness/reads.ts";
import type { PlannedInstance } from "../plan/plan.ts";
import type { Manifest } from "../store/manifest.ts";
import type { Store } from "../store/store.ts";

/** What repairs work with. */
export interface RepairSetup {
  readonly store: Store;
  readonly instances: readonly PlannedInstance[];
  readonly emit: EventSink;
  /** Results that the run takes as they are: their instances do not execute. */
  readonly known: ReadonlyMap<string, Manifest>;
  /** Makes an instance's result again. */
  readonly remake: (instance: string) => Promise<unknown>;
}

/** A blob that is being made again. */
interface Repair {
  readonly maker: string;
  /** Resolves at its end, whether it succeeds or fails. */
  readonly end: Promise<void>;
}

/** The repairs of one run. */
export class Repairs {
  readonly #setup: RepairSetup;
  /** Up-to-date results by instance. */
  readonly #results = new Map<string, Manifest>();
  readonly #repairs = new Map<string, Repair>();

  constructor(setup: RepairSetup) {
    this.#setup = setup;
  }

  /** Takes note of an up-to-date result. */
  note(instance: string, manifest: Manifest): void {
    this.#results.set(instance, manifest);
  }

  /**
   * Waits while other instances make blobs again that an instance reads or has.
   *
   * @returns Whether there was anything to wait for.
   */
  async settled(instance: string, digests: readonly string[]): Promise<boolean> {
    const repairs = digests.flatMap((digest) => this.#repairs.get(digest) ?? []);
    const others = repairs.filter(({ maker }) => maker !== instance);
    await Promise.all(others.map(({ end }) => end));
    return others.length > 0;
  }

  /**
   * Has those blobs made again that are damaged. The reader has to wait for them; where it is to
   * make its own again, its next attempt finds that they are lost.
   *
   * @param work The reader's work until it is up to date.
   * @returns Whether there are any.
   * @throws {PipelineError} if one belongs to a result that the run takes as it is.
   */
  async start(
    reader: string,
    blobs: readonly BlobRead[],
    work: Promise<unknown>,
  ): Promise<boolean> {
    let found = false;
    for (const blob of blobs) {
      const isWhole = !this.#repairs.has(blob.digest) &&
        await this.#setup.store.verify(blob.digest);
      if (isWhole) continue;
      found = true;
      // Another reader may have found it meanwhile.
      if (!this.#repairs.has(blob.digest)) this.#repair(reader, blob, work);
    }
    return found;
  }

  #repair(reader: string, { instance, output, digest }: BlobRead, work: Promise<unknown>): void {
    const { store, instances, known, emit, remake } = this.#setup;
    if (known.has(instance)) {
      throw new PipelineError(`the stored ${output} of ${instance} is damaged: run again`, {
        status: 1,
      });
    }
    store.discard(digest);
    // By the plan's order, so that it does not depend on which reader comes first.
    const { name: maker } = instances.find(({ name }) =>
      name === instance || holds(this.#results.get(name), digest)
    )!;
    const whose = maker === instance ? "it is" : `${maker} has the same, which is`;
    emit({
      event: "note",
      text: `${instance}: its stored ${output} is damaged; ${whose} made again`,
    });
    this.#results.delete(maker);
    const end = () => void this.#repairs.delete(digest);
    const making = maker === reader ? work : remake(maker);
    this.#repairs.set(digest, { maker, end: making.then(end, end) });
  }
}
