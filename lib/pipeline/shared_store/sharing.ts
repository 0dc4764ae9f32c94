/**
 * What a run does with a shared store: asks it before it executes, and gives it results in the
 * background. A server that does not serve costs a run one warning and nothing else.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import type { EventSink } from "../execute/events.ts";
import { count } from "../../base/format.ts";
import type { StageKey } from "../freshness/key.ts";
import type { Manifest } from "../store/manifest.ts";
import type { PlannedStage } from "../plan/plan.ts";
import type { Store } from "../store/store.ts";
import { DamageError } from "./damage_error.ts";
import { HttpCache, HttpCacheError, type Patience } from "./http_cache.ts";
import type { SharedStoreSettings } from "./settings.ts";
import { SharedStore } from "./shared_store.ts";

type Direction = "read" | "write";

/** A run's use of a shared store. */
export class Sharing {
  /** Where the shared store is, for people. */
  readonly address: string;
  readonly #shared: SharedStore;
  readonly #emit: EventSink;
  readonly #interrupt: AbortSignal;
  /** Each direction ends when the server turns out to be of no use for it. */
  readonly #ends = { read: new AbortController(), write: new AbortController() };
  readonly #sending = new Set<Promise<void>>();
  readonly #said = new Set<string>();

  /** @param interrupt Aborts when the user interrupts. */
  constructor(
    settings: SharedStoreSettings,
    store: Store,
    emit: EventSink,
    interrupt: AbortSignal,
    patience?: Patience,
  ) {
    this.address = settings.address;
    this.#emit = emit;
    this.#interrupt = interrupt;
    const { read, write } = this.#ends;
    const signalOf = ({ signal }: AbortController) => AbortSignal.any([interrupt, signal]);
    const reading = new HttpCache(settings, { signal: signalOf(read), patience });
    this.#shared = new SharedStore(store, reading, reading.sibling(signalOf(write)));
    if (!settings.reads) read.abort();
    if (!settings.writes) write.abort();
  }

  /** The result of a key, now in the local store; `null` if it cannot be had. */
  async restore(key: StageKey, stage: PlannedStage): Promise<Manifest | null> {
    if (this.#ends.read.signal.aborted) return null;
    try {
      return await this.#shared.restore(key, stage);
    } catch (error) {
      this.#handle(error, "read");
      return null;
    }
  }

  /** Starts to send a result. */
  offer(manifest: Manifest): void {
    if (this.#ends.write.signal.aborted) return;
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

  #handle(error: unknown, direction: Direction): void {
    if (this.#interrupt.aborted || this.#ends[direction].signal.aborted) return;
    if (error instanceof HttpCacheError) return this.#giveUp(direction, error);
    if (error instanceof DamageError) {
      return this.#sayOnce(
        "damage",
        `the shared store ${this.address} has damaged data, which is not used: ${error.message}`,
      );
    }
    if (direction === "read" || !(error instanceof PipelineError)) throw error;
    // The result itself is safe in the local store.
    this.#sayOnce(error.message, `a result is not sent, as ${error.message}`);
  }

  /** What cannot be read will hardly be written; but a store may well be there for reading only. */
  #giveUp(direction: Direction, { message }: HttpCacheError): void {
    this.#ends.write.abort();
    // Else each of many requests would wait for its own failure.
    if (direction === "read") this.#ends.read.abort();
    const isReadable = !this.#ends.read.signal.aborted;
    const effect = isReadable ? "takes no results" : "is not used any more";
    this.#sayOnce(
      effect,
      `the shared store ${this.address} ${effect}, as ${message}; ` +
        "the run goes on with the local store",
    );
  }

  #sayOnce(subject: string, text: string): void {
    if (this.#said.has(subject)) return;
    this.#said.add(subject);
    this.#emit({ event: "note", text: `warning: ${text}` });
  }
}
