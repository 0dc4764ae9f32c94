/**
 * The shared store: results of others, and one's own for others. A local store stays the only place
 * that runs work with; a shared one fills it and is filled from it.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { PipelineError } from "../base/errors.ts";
import { statIfThere } from "../base/files.ts";
import type { StageKey } from "../freshness/key.ts";
import type { Manifest } from "../store/manifest.ts";
import type { PlannedStage } from "../plan/plan.ts";
import { recordSuccessor } from "../freshness/predecessor.ts";
import { blobsOf, type Store } from "../store/store.ts";
import { DamageError } from "./damage_error.ts";
import { decodeEntry, encodeEntry } from "./entry.ts";
import type { HttpCache } from "./http_cache.ts";

/** What a manifest's blobs took to send. */
export interface Sent {
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs that the server had already. */
  readonly skipped: number;
}

type Blob = ReturnType<typeof blobsOf>[number];

/** Polling interval while another engine receives a blob. */
const RETRY_MS = 50;

/** A store on a server, beside a local one. */
export class SharedStore {
  readonly #store: Store;
  readonly #reading: HttpCache;
  readonly #sending: HttpCache;
  /** Blobs that the server has, and has wrong. */
  readonly #damaged = new Set<string>();

  /** @param sending The client that sends, where it may end before the one that reads. */
  constructor(store: Store, reading: HttpCache, sending = reading) {
    this.#store = store;
    this.#reading = reading;
    this.#sending = sending;
  }

  /** The manifest of a key on the server, without its blobs; `null` if there is none. */
  async peek(key: string, { outputs }: PlannedStage): Promise<Manifest | null> {
    const bytes = await this.#reading.getEntry(key);
    return bytes && await decodeEntry(bytes, key, outputs);
  }

  /**
   * Brings a result into the local store, its blobs first.
   *
   * @returns Its manifest; `null` if the server does not have all of it.
   * @throws {DamageError} if what the server has is damaged.
   * @throws {HttpCacheError} if the server does not serve.
   */
  async restore(key: StageKey, stage: PlannedStage): Promise<Manifest | null> {
    const manifest = await this.peek(key.key, stage);
    if (!manifest) return null;
    const arrivals = await Promise.allSettled(distinct(manifest).map((blob) => this.#obtain(blob)));
    for (const arrival of arrivals) if (arrival.status === "rejected") throw arrival.reason;
    if (!arrivals.every((arrival) => arrival.status === "fulfilled" && arrival.value)) return null;
    await recordSuccessor(this.#store, stage, key);
    this.#store.write(manifest);
    return manifest;
  }

  /**
   * Sends a result of the local store, its blobs first; those that the server has are not sent.
   *
   * @throws {PipelineError} if a local blob is damaged.
   * @throws {HttpCacheError} if the server does not serve.
   */
  async send(manifest: Manifest): Promise<Sent> {
    const blobs = distinct(manifest);
    const sent = await Promise.all(blobs.map((blob) => this.#deliver(blob)));
    await this.#sending.putEntry(manifest.key, await encodeEntry(manifest));
    const delivered = blobs.filter((_, i) => sent[i]);
    return {
      blobs: delivered.length,
      bytes: delivered.reduce((sum, { bytes }) => sum + bytes, 0),
      skipped: blobs.length - delivered.length,
    };
  }

  /** @returns Whether the blob is in the local store now. */
  async #obtain(blob: Blob): Promise<boolean> {
    const release = await this.#claim(blob.file);
    try {
      return this.#has(blob) || await this.#receive(blob);
    } finally {
      release();
    }
  }

  async #receive(blob: Blob): Promise<boolean> {
    const path = this.#store.path("partial", blob.file);
    const isBegun = statIfThere(path) !== null;
    try {
      if (!await this.#reading.getBlob(blob.file, blob.bytes, path)) return false;
      if (await this.#store.receive(path, blob.file)) return true;
    } catch (error) {
      if (error instanceof DamageError) this.#damaged.add(blob.file);
      throw error;
    }
    // What an earlier transfer left may be what is wrong.
    if (isBegun) return await this.#receive(blob);
    this.#damaged.add(blob.file);
    throw new DamageError(`the blob ${blob.file} has another content than its name says`);
  }

  /** Waits while another transfer, of this engine or another, receives the same blob. */
  async #claim(digest: string): Promise<() => void> {
    for (;;) {
      const release = this.#store.claim(digest);
      if (release) return release;
      await delay(RETRY_MS);
    }
  }

  #has({ file, bytes }: Blob): boolean {
    return statIfThere(this.#store.blobPath(file))?.size === bytes;
  }

  /** @returns Whether the blob had to be sent. */
  async #deliver({ file, bytes }: Blob): Promise<boolean> {
    if (!this.#damaged.has(file) && await this.#sending.hasBlob(file, bytes)) return false;
    if (!await this.#store.verify(file)) {
      throw new PipelineError(`the blob ${file} of the local store is damaged`);
    }
    await this.#sending.putBlob(file, bytes, this.#store.blobPath(file));
    this.#damaged.delete(file);
    return true;
  }
}

/** A manifest's blobs, each once. */
function distinct(manifest: Manifest): Blob[] {
  return [...new Map(blobsOf(manifest).map((blob) => [blob.file, blob])).values()];
}
