import assert from "node:assert/strict";
import { imagesInMemory } from "../../../lib/nn/network/images.ts";
import { createNetwork } from "../../../lib/nn/network/network.ts";
import { train } from "../../../lib/nn/training/trainer.ts";
import type { TrainingConfig } from "../../../lib/nn/training/training.ts";
import { viewsInMemory } from "../views_in_memory.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import type { Runtime } from "../../../lib/tensorflow/runtime.ts";
import { BFLOAT16_REFUSAL, nativeTest, takesBfloat16 } from "../../tensorflow/native_library.ts";
import { cases } from "../cases.ts";

const EPOCHS = 60;
const SAMPLES = 24;
const VIEWS = 4;
const shape = [16, 16, 3] as const;
/** Of the loss at the start; eight bits of precision are 0.4 %. */
const TOLERANCE = 0.05;

/** The mean loss of each epoch, of 6 steps each. */
async function losses(
  runtime: Runtime,
  precision: TrainingConfig["precision"],
): Promise<number[]> {
  const random = new RandomSource(4);
  const stream = random.stream("images");
  const bytes = Uint8Array.from({ length: SAMPLES * VIEWS * 768 }, () => stream.integer(256));
  const labels = Int32Array.from({ length: SAMPLES }, () => stream.integer(5));
  const network = createNetwork(runtime, cases["narrow"].network, random);
  const { state } = await train({
    runtime,
    network,
    random,
    data: {
      images: imagesInMemory(bytes.slice(0, SAMPLES * 768), shape),
      views: viewsInMemory(bytes, shape, VIEWS),
      labels,
      classes: 5,
    },
    config: {
      epochs: EPOCHS,
      batchSize: 4,
      optimiser: "adam",
      learningRate: 3e-3,
      schedule: { kind: "cosine", floor: 0.02 },
      evaluateEvery: 1,
      precision,
    },
  }, { clock: () => 0 });
  network.dispose();
  return state.history.slice(1).map(({ loss }) => loss!);
}

nativeTest(
  "over 360 steps the loss in bfloat16 stays by that in float32, or none is trained",
  async (runtime) => {
    if (!takesBfloat16(runtime)) {
      return await assert.rejects(losses(runtime, "bfloat16"), { message: BFLOAT16_REFUSAL });
    }
    const exact = await losses(runtime, "float32");
    const rounded = await losses(runtime, "bfloat16");
    assert.ok(exact.at(-1)! < exact[0] / 2, `nothing was learnt: ${exact[0]}, ${exact.at(-1)}`);
    const off = exact.map((loss, epoch) => Math.abs(rounded[epoch] - loss));
    const worst = Math.max(...off);
    const epoch = off.indexOf(worst);
    assert.ok(worst < TOLERANCE * exact[0], `${worst} of ${exact[0]} at epoch ${epoch}`);
    assert.ok(worst > 0);
  },
);
