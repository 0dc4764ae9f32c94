import assert from "node:assert/strict";
import { PipelineProcess } from "./pipeline_process.ts";

const INSTANCE = "train@labels=random,augmentation=cached,seed=10";
const LONG = ["-S", "train.schedule=constant", "-S", "train.stop_evaluations=0"];

/** Digests of the weights, of the snapshots and of the parts of the history that know no clock. */
function results(pipeline: PipelineProcess) {
  const { checkpoint, snapshots, history } = pipeline.manifest(INSTANCE).outputs;
  assert.ok(checkpoint.kind === "table" && snapshots.kind === "table" && history.kind === "table");
  const { epoch, step, loss, accuracy, knn, learning_rate } = history.columns;
  return {
    checkpoint: checkpoint.columns,
    snapshots: snapshots.columns,
    history: { epoch, step, loss, accuracy, knn, learning_rate },
  };
}

Deno.test("training that was interrupted goes on and ends with the same bits", async () => {
  await using whole = new PipelineProcess();
  await using cut = new PipelineProcess();
  const args = [INSTANCE, ...LONG, "-S", "epochs=600", "-S", "train.evaluate_every=50"];
  await whole.succeed(...args);
  const interrupted = await cut.smoke(args, (event, child) => {
    const { job } = event as { job?: { type: string; values?: { epoch: number } } };
    // The snapshots at epochs 0 and 2 are taken by now, and must survive.
    if (job?.type === "live" && job.values!.epoch === 50) child.kill("SIGINT");
  });
  assert.equal(interrupted.status, 130, interrupted.stderr);
  assert.equal(
    interrupted.instances.some((each) => each.instance === INSTANCE && each.outcome === "ran"),
    false,
  );
  await cut.succeed(...args);
  assert.deepEqual(results(cut), results(whole));
});

Deno.test("more epochs go on from fewer where the learning rate allows it, to the same bits", async () => {
  await using afresh = new PipelineProcess();
  await using extended = new PipelineProcess();
  await extended.succeed(INSTANCE, ...LONG, "-S", "epochs=4");
  await extended.succeed(INSTANCE, ...LONG, "-S", "epochs=8");
  assert.match(extended.log(INSTANCE), /goes on from a result of 4 epochs/);
  await afresh.succeed(INSTANCE, ...LONG, "-S", "epochs=8");
  assert.deepEqual(results(extended), results(afresh));
});

Deno.test("more epochs start anew where the learning rate depends on their number, and say so", async () => {
  await using pipeline = new PipelineProcess();
  const cosine = [INSTANCE, "-S", "train.schedule=cosine"];
  await pipeline.succeed(...cosine, "-S", "epochs=4");
  await pipeline.succeed(...cosine, "-S", "epochs=8");
  assert.match(pipeline.log(INSTANCE), /starts anew.*depends on the number of all epochs/);
});
