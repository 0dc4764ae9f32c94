/**
 * Snapshots of a training run: the network as it was after chosen epochs.
 *
 * @module
 */
import type { TableFile } from "../../arrow/reader.ts";
import type { TableSchema } from "../../arrow/schema.ts";
import type { snapshotSchema } from "../../tables/schemas.ts";
import type { Runtime } from "../../tensorflow/runtime.ts";
import { restoreState, type StateEntry } from "../network/checkpoint.ts";
import { createEmbedder, type Embedder } from "../network/embed.ts";
import { type Network, type NetworkConfig, networkFromState } from "../network/network.ts";
import { snapshotsOf } from "./training_tables.ts";

type ColumnsOf<S> = S extends TableSchema<infer C> ? C : never;
/** A table of snapshots. */
export type SnapshotTable = TableFile<ColumnsOf<typeof snapshotSchema>>;

/** A network as it was after an epoch, to be asked for its activations. */
export interface SnapshotNetwork {
  readonly epoch: number;
  /** Whether it is the end of training. */
  readonly isLast: boolean;
  /** The names of its parts in order. */
  readonly layers: readonly string[];
  readonly embedder: Embedder;
}

/** What is told of the work, and what may end it: a part of a stage's context. */
export interface Watch {
  readonly signal: AbortSignal;
  progress(fraction: number, text?: string): void;
}

/** All snapshots of one run. */
export class Snapshots {
  /** What the networks are built from. */
  readonly config: NetworkConfig;
  /** Epochs, ascending; the first is INIT if it was kept, the last is the end of training. */
  readonly epochs: readonly number[];
  readonly #states: ReadonlyMap<number, readonly StateEntry[]>;

  constructor(table: SnapshotTable) {
    this.config = JSON.parse(table.metadataOf("name").network);
    this.#states = snapshotsOf(table);
    this.epochs = [...this.#states.keys()].sort((a, b) => a - b);
  }

  /**
   * The kept epochs among those wanted; the last one always.
   *
   * @param wanted `null`: all.
   */
  choose(wanted: readonly number[] | null): readonly number[] {
    const last = this.epochs.at(-1);
    return this.epochs.filter((epoch) =>
      wanted === null || wanted.includes(epoch) || epoch === last
    );
  }

  /**
   * The networks of some epochs, one after the other: one network that takes each state in turn, so
   * that its passes are recorded once. An epoch's is there until the next is asked for.
   *
   * @param epochs Kept epochs, as {@link Snapshots.choose} has them.
   * @throws the reason of `watch.signal` once it aborts.
   */
  *networks(
    runtime: Runtime,
    epochs: readonly number[],
    { signal, progress }: Watch,
    options: { batchSize?: number } = {},
  ): Generator<SnapshotNetwork> {
    if (epochs.length === 0) return;
    using network = this.network(runtime, epochs[0]);
    using embedder = createEmbedder(runtime, network, options);
    const variables = [...network.parameters, ...network.statistics];
    for (const [i, epoch] of epochs.entries()) {
      signal.throwIfAborted();
      progress(i / epochs.length, `epoch ${epoch}`);
      restoreState(variables, this.#states.get(epoch)!);
      yield { epoch, isLast: epoch === this.epochs.at(-1), layers: network.layers, embedder };
    }
  }

  /** Builds the network as it was after an epoch; the caller disposes it. */
  network(runtime: Runtime, epoch: number): Network {
    return networkFromState(runtime, this.config, this.#states.get(epoch)!);
  }
}
