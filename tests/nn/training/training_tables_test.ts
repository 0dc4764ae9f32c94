import assert from "node:assert/strict";
import { join } from "node:path";
import { TableFile, TableWriter } from "../../../lib/arrow/mod.ts";
import { checkpointSchema, historySchema, snapshotSchema } from "../../../lib/tables/schemas.ts";
import type { TrainingState } from "../../../lib/nn/training/training.ts";
import {
  finishedRun,
  historyRows,
  loadRun,
  saveRun,
  snapshotRows,
  type SnapshotsByEpoch,
} from "../../../lib/nn/training/training_tables.ts";
import { stateRows } from "../../../lib/nn/training/view_table.ts";

const entries = [
  { name: "w", shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
  { name: "w/first", shape: [2, 2], values: Float32Array.of(0.1, 0.2, 0.3, 0.4) },
];
const row = { step: 8, accuracy: 0.5, learningRate: 0.01, secondsTraining: 3 };
const state: TrainingState = {
  epoch: 2,
  batch: 1,
  secondsTraining: 3.5,
  losses: Float32Array.of(0.25, 0.125),
  history: [
    { ...row, epoch: 0, loss: null, knn: null, imagesPerSecond: null },
    { ...row, epoch: 2, loss: 0.75, knn: 0.4, imagesPerSecond: null },
  ],
  entries,
  identity: { seed: "3" },
};
const snapshots: SnapshotsByEpoch = new Map([[2, [entries[0]]], [0, [entries[0]]]]);

async function inFolder(body: (folder: string) => void) {
  const folder = await Deno.makeTempDir();
  try {
    body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a run comes back from a checkpoint's folder with its state and its snapshots", () =>
  inFolder((folder) => {
    saveRun(folder, { state, snapshots });
    const run = loadRun(folder);
    assert.deepEqual(run.state, state);
    assert.deepEqual([...run.snapshots].sort(([a], [b]) => a - b), [
      [0, [entries[0]]],
      [2, [entries[0]]],
    ]);
  }));

Deno.test("a finished run can go on from the tables that it left", () =>
  inFolder((folder) => {
    const path = (name: string) => join(folder, `${name}.arrow`);
    const history = new TableWriter(path("history"), historySchema);
    history.append(historyRows(state.history));
    history.close();
    const checkpoint = new TableWriter(path("checkpoint"), checkpointSchema);
    checkpoint.append(stateRows(entries));
    checkpoint.close();
    const kept = new TableWriter(path("snapshots"), snapshotSchema);
    for (const rows of snapshotRows(snapshots)) kept.append(rows);
    kept.close();
    using historyTable = TableFile.open(path("history"), historySchema);
    using checkpointTable = TableFile.open(path("checkpoint"), checkpointSchema);
    using snapshotTable = TableFile.open(path("snapshots"), snapshotSchema);
    const run = finishedRun(
      { history: historyTable, checkpoint: checkpointTable, snapshots: snapshotTable },
      state.identity,
    );
    assert.deepEqual(run.state, {
      ...state,
      batch: 0,
      secondsTraining: 3,
      losses: new Float32Array(0),
    });
    assert.deepEqual([...run.snapshots.keys()], [0, 2], "in the order of the epochs");
  }));
