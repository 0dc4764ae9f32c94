/**
 * What a run does with a shared store: asks it before it executes, and gives it results in the
 * background. A server that does not serve costs a run one warning and nothing else.
 *
 * @module
 */
import type { EventSink } from "../execute/events.ts";
import { count } from "../../base/format.ts";
import type { StageKey } from "../freshness/key.ts";
import type { Manifest } from "../store/manifest.ts";
import type { PlannedStage } from "../plan/plan.ts";
import type { Store } from "../store/store.ts";
import { DamageError } from "./entry.ts";
import { HttpCache, HttpCacheError, type Patience } from "./http_cache.ts";
import type { SharedStoreSettings } from "./settings.ts";
import { SharedStore } from "./shared_store.ts";

/** A run's use of a shared store. */
export class Sharing {
  /** Where the shared store is, for people. */
  readonly address: string;
  readonly #shared: SharedStore;
  readonly #emit: EventSink;
  /** Aborts when the user interrupts, or when the server turns out to be of no use. */
  readonly #signal: AbortSignal;
  readonly #end = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  #reads: boolean;
  #writes: boolean;
  #saidDamage = false;

  constructor(
    settings: SharedStoreSettings,
    store: Store,
    emit: EventSink,
    signal: AbortSignal,
    patience?: Patience,
  ) {
    this.address = settings.address;
    this.#emit = emit;
    this.#signal = AbortSignal.any([signal, this.#end.signal]);
    const cache = new HttpCache(settings, { signal: this.#signal, patience });
    this.#shared = new SharedStore(store, cache);
    this.#reads = settings.reads;
    this.#writes = settings.writes;
  }

  /** The result of a key, now in the local store; `null` if it cannot be had. */
  async restore(key: StageKey, stage: PlannedStage): Promise<Manifest | null> {
    if (!this.#reads) return null;
    try {
      return await this.#shared.restore(key, stage);
    } catch (error) {
      this.#handle(error, "read");
      return null;
    }
  }

  /** Starts to send a result. */
  offer(manifest: Manifest): void {
    if (!this.#writes) return;
    const sending = this.#send(manifest).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Waits until everything is sent. */
  async settled(): Promise<void> {
    if (this.#sending.size === 0) return;
    const what = count(this.#sending.size, "result");
    this.#emit({ event: "note", text: `sending ${what} to the shared store ${this.address}` });
    await Promise.all(this.#sending);
  }

  async #send(manifest: Manifest): Promise<void> {
    try {
      await this.#shared.send(manifest);
    } catch (error) {
      this.#handle(error, "write");
    }
  }

  #handle(error: unknown, direction: "read" | "write"): void {
    if (this.#signal.aborted) return;
    if (error instanceof DamageError) return this.#sayDamage(error);
    if (!(error instanceof HttpCacheError)) {
      if (direction === "read") throw error;
      // The result itself is safe in the local store.
      const { message } = error as Error;
      return this.#emit({ event: "note", text: `warning: a result is not sent, as ${message}` });
    }
    if (!(direction === "read" ? this.#reads : this.#writes)) return;
    this.#writes = false;
    // A server may be there for reading only.
    const isReadable = this.#reads && direction === "write" && error.status !== null &&
      error.status < 500;
    const effect = isReadable ? "takes no results" : "is not used any more";
    this.#emit({
      event: "note",
      text: `warning: the shared store ${this.address} ${effect}, as ${error.message}; ` +
        "the run goes on with the local store",
    });
    if (isReadable) return;
    this.#reads = false;
    // Else each of many requests would wait for its own failure.
    this.#end.abort();
  }

  #sayDamage({ message }: DamageError): void {
    if (this.#saidDamage) return;
    this.#saidDamage = true;
    this.#emit({
      event: "note",
      text: `warning: the shared store ${this.address} has damaged data, which is not used: ` +
        message,
    });
  }
}
