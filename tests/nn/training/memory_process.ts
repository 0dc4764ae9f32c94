/**
 * A program that trains a small network for 20,000 steps with all that a run does, and prints what
 * it holds at every evaluation, as JSON lines; `memory_test.ts` starts it. It is a process of its
 * own as tests that run at once share their memory. Argument: the folder of the library.
 *
 * @module
 */
import { imagesInMemory } from "../../../lib/nn/network/images.ts";
import { createNetwork } from "../../../lib/nn/network/network.ts";
import { train } from "../../../lib/nn/training/trainer.ts";
import { viewsInMemory } from "../views_in_memory.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { openNative } from "../../../lib/tensorflow/native/runtime.ts";

/** What the process holds once garbage is collected. */
export interface Held {
  readonly step: number;
  /** Tensors, of which each has a handle of the library. */
  readonly tensors: number;
  /** Bytes of JavaScript objects. */
  readonly objects: number;
  /** Resident bytes that are not V8's heap: the library's and those of buffers. */
  readonly native: number;
}

const SAMPLES = 16;
const VIEWS = 2;
const shape = [4, 4, 3] as const;
const { gc } = globalThis as unknown as { gc(): void }; // --expose-gc

const runtime = await openNative({ folder: Deno.args[0], threads: 1 });
const random = new RandomSource(1);
const stream = random.stream("images");
const bytes = Uint8Array.from({ length: SAMPLES * VIEWS * 48 }, () => stream.integer(256));
const network = createNetwork(runtime, {
  encoder: { kind: "mlp", widths: [8] },
  hidden: [8],
  classes: 3,
  images: shape,
}, random);
const data = {
  images: imagesInMemory(bytes.slice(0, SAMPLES * 48), shape),
  views: viewsInMemory(bytes, shape, VIEWS),
  labels: Int32Array.from({ length: SAMPLES }, () => stream.integer(3)),
  classes: 3,
};
const config = {
  epochs: 5000,
  batchSize: 4,
  optimiser: "adam",
  learningRate: 1e-3,
  mixup: "paper",
  evaluateEvery: 500,
} as const;
await train({ runtime, network, data, config, random }, {
  clock: () => performance.now(),
  checkpointSeconds: 1,
  onCheckpoint: () => Promise.resolve(),
  onEvaluation({ step }) {
    gc();
    const { rss, heapTotal, heapUsed } = Deno.memoryUsage();
    const { numTensors } = runtime.tf.memory();
    const held: Held = { step, tensors: numTensors, objects: heapUsed, native: rss - heapTotal };
    console.log(JSON.stringify(held));
    return Promise.resolve();
  },
});
Deno.exit(0);
