import assert from "node:assert/strict";
import { OnlineViews } from "../../../lib/augment/views/online_views.ts";
import { parsePolicy, type TransformPolicy } from "../../../lib/augment/policy/policy.ts";
import { imagesInMemory } from "../../../lib/nn/network/images.ts";
import { createNetwork } from "../../../lib/nn/network/network.ts";
import { train } from "../../../lib/nn/training/trainer.ts";
import type {
  TrainingConfig,
  TrainingOptions,
  TrainingState,
} from "../../../lib/nn/training/training.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import type { Runtime } from "../../../lib/tensorflow/runtime.ts";
import { backendTest } from "../backend.ts";
import { cases } from "../cases.ts";

const shape = [8, 8, 3] as const;
const SAMPLES = 14;
const stream = new RandomSource(5).stream("images");
const bytes = Uint8Array.from({ length: SAMPLES * 192 }, () => stream.integer(256));
const labels = Int32Array.from({ length: SAMPLES }, () => stream.integer(5));
const size = { height: 8, width: 8 };
const online = {
  images: bytes,
  indices: Int32Array.from({ length: SAMPLES }, (_, i) => 100 + i),
  policy: parsePolicy("full") as TransformPolicy,
  seed: 3,
  input: size,
  output: size,
};
const config: TrainingConfig = {
  epochs: 3,
  batchSize: 4,
  optimiser: "adam",
  learningRate: 1e-2,
  mixup: "paper",
  evaluateEvery: 2,
};

/** Trains a fresh network on online views made by so many workers. */
async function run(
  runtime: Runtime,
  workers: number,
  options: Partial<TrainingOptions> = {},
  source: Partial<typeof online> = {},
) {
  const random = new RandomSource(3);
  using views = new OnlineViews({ ...online, ...source, workers });
  const network = createNetwork(runtime, cases["mlp"].network, random);
  const data = { images: imagesInMemory(bytes, shape), labels, classes: 5, views };
  try {
    return await train({ runtime, network, random, data, config }, { clock: () => 0, ...options });
  } finally {
    network.dispose();
  }
}

/** What must not depend on interruptions; the measured speed does. */
function essence({ history, ...state }: TrainingState) {
  return { ...state, history: history.map(({ imagesPerSecond: _, ...row }) => row) };
}

backendTest("training on online views is the same whoever makes them", async (runtime) => {
  const inline = await run(runtime, 0);
  assert.equal(inline.reason, "epochs");
  for (const workers of [1, 2, 3]) {
    assert.deepEqual((await run(runtime, workers)).state, inline.state, `${workers} workers`);
  }
});

backendTest(
  "with workers, a run resumed after any step ends with the same bits",
  async (runtime) => {
    const states: TrainingState[] = [];
    const whole = await run(runtime, 2, {
      checkpointSeconds: 0,
      onCheckpoint: (state) => Promise.resolve(void states.push(structuredClone(state))),
    });
    assert.deepEqual(states.map(({ epoch, batch }) => [epoch, batch]).slice(0, 4), [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 1],
    ]);
    for (const [i, resume] of states.entries()) {
      const resumed = await run(runtime, i % 3, { resume });
      assert.deepEqual(essence(resumed.state), essence(whole.state), `after step ${i + 1}`);
    }
  },
);

backendTest(
  "a signal ends a run with batches under way, and leaves no tensors",
  async (runtime) => {
    await run(runtime, 2);
    const { numTensors } = runtime.tf.memory();
    const controller = new AbortController();
    const { reason } = await run(runtime, 2, {
      signal: controller.signal,
      onEvaluation: ({ epoch }) => Promise.resolve(epoch === 2 ? controller.abort() : undefined),
    });
    assert.equal(reason, "interrupted");
    assert.equal(runtime.tf.memory().numTensors, numTensors);
  },
);

backendTest("a worker that fails ends the run with what it said", async (runtime) => {
  await assert.rejects(
    run(runtime, 2, {}, { images: bytes.subarray(192) }),
    (error: Error) => /must have 192 bytes: current value is 0/.test(String(error.cause)),
  );
});
