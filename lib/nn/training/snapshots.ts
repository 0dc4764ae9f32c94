/**
 * Snapshots of a training run: the network as it was after chosen epochs.
 *
 * @module
 */
import type { TableFile } from "../../arrow/reader.ts";
import type { TableSchema } from "../../arrow/schema.ts";
import type { snapshotSchema } from "../../tables/schemas.ts";
import type { Runtime } from "../../tensorflow/runtime.ts";
import type { StateEntry } from "../network/checkpoint.ts";
import { type Network, type NetworkConfig, networkFromState } from "../network/network.ts";
import { snapshotsOf } from "./training_tables.ts";

type ColumnsOf<S> = S extends TableSchema<infer C> ? C : never;
/** A table of snapshots. */
export type SnapshotTable = TableFile<ColumnsOf<typeof snapshotSchema>>;

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

  /** Builds the network as it was after an epoch; the caller disposes it. */
  network(runtime: Runtime, epoch: number): Network {
    return networkFromState(runtime, this.config, this.#states.get(epoch)!);
  }
}
