import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { StateEntry } from "../../../lib/nn/network/checkpoint.ts";
import { imagesInMemory } from "../../../lib/nn/network/images.ts";
import { TrainingDivergedError } from "../../../lib/nn/training/loss_log.ts";
import { createNetwork, networkFromState } from "../../../lib/nn/network/network.ts";
import { train } from "../../../lib/nn/training/trainer.ts";
import type {
  HistoryRow,
  Progress,
  TrainingConfig,
  TrainingData,
  TrainingOptions,
  TrainingState,
} from "../../../lib/nn/training/training.ts";
import type { ViewSource } from "../../../lib/nn/training/views.ts";
import { viewsInMemory } from "../views_in_memory.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import type { Runtime } from "../../../lib/tensorflow/runtime.ts";
import { backendTest } from "../backend.ts";
import { cases } from "../cases.ts";

const shape = [16, 16, 3] as const;
const SAMPLES = 22;
const VIEWS = 3;
const { network: networkConfig } = cases["narrow"];
const stream = new RandomSource(9).stream("images");
const views = Uint8Array.from({ length: SAMPLES * VIEWS * 768 }, () => stream.integer(256));
const images = imagesInMemory(views.slice(0, SAMPLES * 768), shape);
const labels = Int32Array.from({ length: SAMPLES }, () => stream.integer(5));
const data: TrainingData = { images, labels, classes: 5 };
const withViews: TrainingData = { ...data, views: viewsInMemory(views, shape, VIEWS) };
const config: TrainingConfig = {
  epochs: 3,
  batchSize: 5,
  optimiser: "adam",
  learningRate: 1e-2,
  evaluateEvery: 1,
};

/** A clock that moves by a millisecond whenever it is read. */
function ticking(): () => number {
  let now = 0;
  return () => now++;
}

/** Trains a fresh network with seed 0. */
async function run(
  runtime: Runtime,
  setup: { data?: TrainingData; config?: Partial<TrainingConfig> } = {},
  options: Partial<TrainingOptions> = {},
) {
  const random = new RandomSource(0);
  const network = createNetwork(runtime, networkConfig, random);
  try {
    return await train(
      {
        runtime,
        network,
        random,
        data: setup.data ?? data,
        config: { ...config, ...setup.config },
      },
      { clock: ticking(), ...options },
    );
  } finally {
    network.dispose();
  }
}

/** What must not depend on interruptions; the clock does. */
function essence({ history, entries, epoch, batch, losses }: TrainingState) {
  const rows = history.map(({ secondsTraining: _, imagesPerSecond: __, ...row }) => row);
  return { rows, entries, epoch, batch, losses };
}

backendTest(
  "a network fits random labels of a few samples perfectly, and stops when told to",
  async (runtime) => {
    const { reason, state } = await run(runtime, {
      config: { epochs: 200, stop: { evaluations: 3 } },
    });
    assert.equal(reason, "fitted");
    assert.deepEqual(state.history.slice(-3).map((row) => row.accuracy), [1, 1, 1]);
    assert.ok(state.history.at(-4)!.accuracy < 1);
    const { loss } = state.history.at(-1)!;
    assert.ok(loss! < state.history[1].loss! / 2, `loss ${loss}`);
  },
);

backendTest(
  "the history has INIT, every k-th epoch and the last one, with steps, loss and learning rate",
  async (runtime) => {
    const { reason, state } = await run(runtime, {
      config: { epochs: 5, evaluateEvery: 2, schedule: { kind: "thirds" } },
    });
    assert.equal(reason, "epochs");
    const { history } = state;
    assert.deepEqual(history.map((row) => row.epoch), [0, 2, 4, 5]);
    assert.deepEqual(history.map((row) => row.step), [0, 8, 16, 20]);
    assert.deepEqual(history.map((row) => Number(row.learningRate.toFixed(9))), [
      0.01,
      0.001,
      0.0001,
      0.0001,
    ]);
    assert.equal(history[0].loss, null);
    assert.ok(history.slice(1).every((row) => row.loss! > 0 && row.imagesPerSecond! > 0));
    assert.ok(history[3].secondsTraining > history[2].secondsTraining);
  },
);

backendTest("a row's loss is the mean over the steps of its epoch", async (runtime) => {
  const { state } = await run(runtime);
  assert.equal(state.losses.length, 4);
  const mean = state.losses.reduce((sum, loss) => sum + loss, 0) / 4;
  assert.equal(state.history.at(-1)!.loss, mean);
});

backendTest("the same seed gives the same run, bit for bit", async (runtime) => {
  const setup = { data: withViews, config: { mixup: "paper" } } as const;
  const [first, second] = [await run(runtime, setup), await run(runtime, setup)];
  assert.deepEqual(essence(second.state), essence(first.state));
});

for (const optimiser of ["adam", "sgd", "lars"] as const) {
  backendTest(
    `${optimiser}: a run that is resumed after any step is bit-identical to an uninterrupted one`,
    async (runtime) => {
      const setup = {
        data: withViews,
        config: {
          optimiser,
          learningRate: 0.01,
          schedule: { kind: "cosine", floor: 0.1 },
          mixup: "paper",
          evaluateEvery: 2,
        },
      } as const;
      const states: TrainingState[] = [];
      const whole = await run(runtime, setup, {
        checkpointSeconds: 0,
        onCheckpoint: (state) => Promise.resolve(void states.push(structuredClone(state))),
      });
      assert.equal(states.length, 12);
      for (const resume of states) {
        const resumed = await run(runtime, setup, { resume });
        assert.deepEqual(essence(resumed.state), essence(whole.state));
      }
    },
  );
}

backendTest("a signal ends the run with a checkpoint from which it goes on", async (runtime) => {
  const whole = await run(runtime);
  const controller = new AbortController();
  let saved: TrainingState | undefined;
  const interrupted = await run(runtime, {}, {
    signal: controller.signal,
    onEvaluation: (row) => Promise.resolve(row.epoch === 2 ? controller.abort() : undefined),
    onCheckpoint: (state) => Promise.resolve(void (saved = state)),
  });
  assert.equal(interrupted.reason, "interrupted");
  assert.deepEqual(interrupted.state, saved);
  assert.deepEqual([saved!.epoch, saved!.batch], [2, 0]);
  const resumed = await run(runtime, {}, { resume: saved });
  assert.deepEqual(essence(resumed.state), essence(whole.state));
});

backendTest("with a constant rate a longer run goes on from a shorter one", async (runtime) => {
  const short = await run(runtime, { config: { epochs: 2 } });
  const longer = await run(runtime, { config: { epochs: 4 } }, { resume: short.state });
  const whole = await run(runtime, { config: { epochs: 4 } });
  assert.deepEqual(essence(longer.state), essence(whole.state));
});

backendTest(
  "where the rate depends on the number of epochs, a longer run refuses a shorter one's state",
  async (runtime) => {
    const schedule = { kind: "cosine", floor: 0 } as const;
    const short = await run(runtime, { config: { epochs: 2, schedule } });
    await assert.rejects(
      run(runtime, { config: { epochs: 4, schedule } }, { resume: short.state }),
      /epochs \(the schedule depends on them\) was 2 and is 4/,
    );
  },
);

backendTest(
  "a checkpoint of another configuration is refused with the difference",
  async (runtime) => {
    const { state } = await run(runtime);
    await assert.rejects(
      run(runtime, { config: { batchSize: 6 }, data: withViews }, { resume: state }),
      /views a sample was 1 and is 3; batch size was 5 and is 6/,
    );
  },
);

backendTest(
  "divergence stops the run with the step, the losses before and what to change",
  async (runtime) => {
    const error = await run(runtime, {
      config: { optimiser: "sgd", learningRate: 1e9, epochs: 30 },
    }).then(() => assert.fail("it did not diverge"), (error) => error);
    assert.ok(error instanceof TrainingDivergedError);
    assert.equal(error.losses.length, Math.min(error.step - 1, 4));
    assert.match(
      error.message,
      new RegExp(`at step ${error.step} .*Lower the learning rate .*1000000000`),
    );
  },
);

backendTest(
  "snapshots are the weights of their epochs, and embed as the network did then",
  async (runtime) => {
    const snapshots = new Map<number, StateEntry[]>();
    const accuracies = new Map<number, number>();
    const embeddings = new Map<number, Float32Array>();
    const { state } = await run(runtime, { config: { snapshots: [0, 2], evaluateEvery: 2 } }, {
      onSnapshot: (epoch, entries) => Promise.resolve(void snapshots.set(epoch, entries)),
      async onEvaluation(row, tools) {
        accuracies.set(row.epoch, row.accuracy);
        embeddings.set(row.epoch, await tools.embed(images));
      },
    });
    assert.deepEqual([...snapshots.keys()], [0, 2, 3]);
    assert.deepEqual(
      snapshots.get(3),
      state.entries.filter(({ name }) => /^(encoder|projector)/.test(name)),
    );
    const random = new RandomSource(0);
    for (const [epoch, entries] of snapshots) {
      const network = networkFromState(runtime, networkConfig, entries);
      const setup = { runtime, network, random, data, config: { ...config, epochs: 1 } };
      const evaluated: HistoryRow[] = [];
      await train(setup, {
        clock: ticking(),
        async onEvaluation(row, tools) {
          evaluated.push(row);
          if (row.epoch === 0) assert.deepEqual(await tools.embed(images), embeddings.get(epoch));
        },
      });
      assert.equal(evaluated[0].accuracy, accuracies.get(epoch));
      network.dispose();
    }
  },
);

backendTest(
  "the K-NN accuracy that the caller measures is part of the history",
  async (runtime) => {
    const { state } = await run(runtime, {}, {
      onEvaluation: (row) => Promise.resolve(row.epoch === 3 ? { knn: 0.25 } : undefined),
    });
    assert.deepEqual(state.history.map((row) => row.knn), [null, null, null, 0.25]);
  },
);

backendTest(
  "where each view has a label, these are learnt and the fit is that of all views",
  async (runtime) => {
    const perView = Int32Array.from({ length: 8 * VIEWS }, () => stream.integer(5));
    const eight = imagesInMemory(views.slice(0, 8 * 768), shape);
    const { reason, state } = await run(runtime, {
      data: { ...withViews, images: eight, labels: perView },
      config: { batchSize: 4, epochs: 600, evaluateEvery: 10, stop: { evaluations: 1 } },
    });
    assert.equal(reason, "fitted");
    assert.ok(state.epoch > 1);
  },
);

backendTest("online views are asked for by epoch, and may come late", async (runtime) => {
  const asked: number[] = [];
  const online: ViewSource = {
    viewsPerSample: Infinity,
    async gather(samples, epochs, out) {
      await delay(1);
      asked.push(epochs[0]);
      samples.forEach((sample, i) =>
        out.set(views.subarray(sample * 768, (sample + 1) * 768), i * 768)
      );
    },
  };
  const { state } = await run(runtime, { data: { ...data, views: online } });
  assert.deepEqual(asked, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  const plain = await run(runtime);
  assert.deepEqual(essence(state), essence(plain.state));
});

backendTest("a view source that fails ends the run with its error", async (runtime) => {
  const failing: ViewSource = {
    viewsPerSample: 2,
    gather: (_samples, views) =>
      views.includes(1) ? Promise.reject(new Error("block 7 is damaged")) : undefined,
  };
  await assert.rejects(run(runtime, { data: { ...data, views: failing } }), /block 7 is damaged/);
});

backendTest(
  "progress tells steps, speed and the time left, at most four times a second",
  async (runtime) => {
    const reports: { at: number; progress: Progress }[] = [];
    let now = 0;
    const clock = () => now += 10;
    await run(runtime, { config: { epochs: 20, evaluateEvery: 5 } }, {
      clock,
      onProgress: (progress) => reports.push({ at: now, progress }),
    });
    assert.ok(reports.length > 5);
    reports.slice(1).forEach(({ at }, i) => assert.ok(at - reports[i].at >= 250));
    for (const { progress } of reports) assert.equal(progress.steps, 80);
    const { progress } = reports.at(-2)!;
    assert.equal(progress.epoch, progress.step / 4);
    // On this clock all steps take the same time, so the estimate is exact but for the evaluations.
    const perStep = config.batchSize / progress.imagesPerSecond!;
    const steps = (80 - progress.step) * perStep;
    assert.ok(progress.secondsLeft! >= steps && progress.secondsLeft! < steps + 0.5);
  },
);

backendTest("settings that do not fit the data are refused by name and value", async (runtime) => {
  const refused: [Parameters<typeof run>[1], RegExp][] = [
    [{ config: { batchSize: 23 } }, /batchSize must be at most the number of samples, 22: .* 23/],
    [{ config: { epochs: 0 } }, /epochs must be a natural number: current value is 0/],
    [{ config: { batchSize: 0 } }, /batchSize must be a natural number/],
    [{ config: { stop: { evaluations: 0 } } }, /stop.evaluations must be a natural number/],
    [
      { config: { schedule: { kind: "constant", warmupEpochs: 3 } } },
      /warmupEpochs must be in \[0, 3\)/,
    ],
    [
      { config: { optimiser: "adam", learningRate: NaN } },
      /learningRate must be above 0/,
    ],
    [{ config: { evaluateEvery: 0.5 } }, /evaluateEvery must be/],
    [{ data: { ...data, classes: 6 } }, /classes must be the network's, 5: current value is 6/],
    [
      { data: { ...data, labels: labels.slice(1) } },
      /number of labels must be .* 22.*: current value is 21/,
    ],
    [
      { data: { ...data, labels: labels.with(3, 5) } },
      /label 3 must be in \[0, 5\): current value is 5/,
    ],
  ];
  for (const [setup, message] of refused) await assert.rejects(run(runtime, setup), message);
});

backendTest("a run leaves no tensors behind", async (runtime) => {
  await run(runtime);
  const { numTensors } = runtime.tf.memory();
  await run(runtime, { data: withViews, config: { mixup: "paper" } });
  assert.equal(runtime.tf.memory().numTensors, numTensors);
});
