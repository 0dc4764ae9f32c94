/**
 * Training as files: the history as a table, everything that a run needs to go on in a
 * checkpoint's folder, and the same from the tables that a finished run left.
 *
 * @module
 */
import { join } from "node:path";
import { TableFile, TableWriter } from "../../arrow/mod.ts";
import type { Rows, TableSchema } from "../../arrow/schema.ts";
import { checkpointSchema, type historySchema, snapshotSchema } from "../../tables/schemas.ts";
import type { StateEntry } from "../network/checkpoint.ts";
import type { HistoryRow, TrainingState } from "./training.ts";
import { stateOf, stateRows } from "./view_table.ts";

type ColumnsOf<S> = S extends TableSchema<infer C> ? C : never;
type HistoryColumns = ColumnsOf<typeof historySchema>;
type SnapshotColumns = ColumnsOf<typeof snapshotSchema>;

/** The history as rows of its table; what was not measured is NaN. */
export function historyRows(history: readonly HistoryRow[]): Rows<HistoryColumns> {
  const column = (value: (row: HistoryRow) => number | null) =>
    Float64Array.from(history, (row) => value(row) ?? NaN);
  return {
    epoch: Int32Array.from(history, (row) => row.epoch),
    step: Int32Array.from(history, (row) => row.step),
    loss: column((row) => row.loss),
    accuracy: column((row) => row.accuracy),
    knn: column((row) => row.knn),
    learning_rate: column((row) => row.learningRate),
    seconds: column((row) => row.secondsTraining),
  };
}

function historyOf(table: TableFile<HistoryColumns>): HistoryRow[] {
  const orNull = (value: number) => Number.isNaN(value) ? null : value;
  return table.rows().map((row) => ({
    epoch: row.epoch,
    step: row.step,
    loss: orNull(row.loss),
    accuracy: row.accuracy,
    knn: orNull(row.knn),
    learningRate: row.learning_rate,
    secondsTraining: row.seconds,
    imagesPerSecond: null,
  }));
}

/** What is not kept as a tensor. */
type Header = Omit<TrainingState, "entries" | "losses"> & { readonly losses: number[] };

/** The weights and running statistics after some epochs. */
export type SnapshotsByEpoch = Map<number, readonly StateEntry[]>;

/** A run that can go on: its state, and the snapshots that it took so far. */
export interface ResumableRun {
  readonly state: TrainingState;
  readonly snapshots: SnapshotsByEpoch;
}

/** Writes a run into an empty folder. */
export function saveRun(folder: string, { state, snapshots }: ResumableRun): void {
  const { entries, ...rest } = state;
  const writer = new TableWriter(join(folder, "state.arrow"), checkpointSchema);
  writer.append(stateRows(entries));
  writer.close();
  const kept = new TableWriter(join(folder, "snapshots.arrow"), snapshotSchema);
  for (const rows of snapshotRows(snapshots)) kept.append(rows);
  kept.close();
  const header: Header = { ...rest, losses: [...rest.losses] };
  Deno.writeTextFileSync(join(folder, "state.json"), JSON.stringify(header));
}

/** Reads what {@link saveRun} wrote. */
export function loadRun(folder: string): ResumableRun {
  const header = JSON.parse(Deno.readTextFileSync(join(folder, "state.json"))) as Header;
  using table = TableFile.open(join(folder, "state.arrow"), checkpointSchema);
  using kept = TableFile.open(join(folder, "snapshots.arrow"), snapshotSchema);
  const losses = Float32Array.from(header.losses);
  return {
    state: { ...header, losses, entries: stateOf(table.rows()) },
    snapshots: snapshotsOf(kept),
  };
}

/** The tables that a finished run left. */
export interface FinishedTables {
  readonly history: TableFile<HistoryColumns>;
  readonly checkpoint: TableFile<ColumnsOf<typeof checkpointSchema>>;
  readonly snapshots: TableFile<SnapshotColumns>;
}

/** A finished run as one that can go on; `identity` as `trainingIdentity` had it then. */
export function finishedRun(
  { history, checkpoint, snapshots }: FinishedTables,
  identity: Readonly<Record<string, string>>,
): ResumableRun {
  const rows = historyOf(history);
  const last = rows.at(-1)!;
  return {
    state: {
      epoch: last.epoch,
      batch: 0,
      secondsTraining: last.secondsTraining,
      history: rows,
      losses: new Float32Array(0),
      entries: stateOf(checkpoint.rows()),
      identity,
    },
    snapshots: snapshotsOf(snapshots),
  };
}

/** Snapshots as rows of their table, one batch an epoch, in the order of the epochs. */
export function snapshotRows(snapshots: SnapshotsByEpoch): Rows<SnapshotColumns>[] {
  return [...snapshots].sort(([a], [b]) => a - b).map(([epoch, entries]) => ({
    ...stateRows(entries),
    epoch: new Int32Array(entries.length).fill(epoch),
  }));
}

/** The snapshots in a table. */
export function snapshotsOf(table: TableFile<SnapshotColumns>): SnapshotsByEpoch {
  const rowsByEpoch = Map.groupBy(table.rows(), (row) => row.epoch);
  return new Map(rowsByEpoch.entries().map(([epoch, rows]) => [epoch, stateOf(rows)]));
}
