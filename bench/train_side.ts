/**
 * Our side of train_bench.ts: trains the network that the arguments name (network, batch size,
 * threads, steps a round, precision); for each line of stdin it does a round and prints the median
 * milliseconds per step. Precisions: `float32` (if none is named), `bfloat16`, and `tf32`, which lets
 * a GPU round the operands of products.
 *
 * @module
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { type EncoderName, encoders } from "../lib/nn/network/encoder.ts";
import { createNetwork } from "../lib/nn/network/network.ts";
import { createOptimiser } from "../lib/nn/training/optimiser.ts";
import { createTrainingStep } from "../lib/nn/training/training_step.ts";
import { RandomSource } from "../lib/random/random.ts";
import { openRuntime } from "../lib/tensorflow/open.ts";

const [network, batchSize, threads, stepsPerRound, precision = "float32"] = Deno.args;
const count = Number(batchSize);
const side = network === "resnet18" ? 32 : 16;
const WARM_UP_STEPS = 3;

const runtime = await openRuntime({
  backend: "tensorflow",
  threads: Number(threads),
  mayRoundProducts: precision === "tf32",
});
const random = new RandomSource(0);
const net = createNetwork(runtime, {
  encoder: encoders[network as EncoderName],
  hidden: [1024],
  classes: 10,
  images: [side, side, 3],
}, random);
const optimiser = createOptimiser(runtime, net.parameters, "adam");
const step = createTrainingStep(runtime, net, {
  loss: { kind: "mse" },
  optimiser,
  xla: false,
  precision: precision === "bfloat16" ? precision : "float32",
});
const stream = random.stream("batch");
const bytes = Uint8Array.from({ length: count * side * side * 3 }, () => stream.integer(256));
const labels = Int32Array.from({ length: count }, () => stream.integer(10));
let steps = 0;

/** One step, from bytes on the host; the loss is read, as PyTorch's side does. */
async function trainStep(): Promise<number> {
  const start = performance.now();
  const batch = {
    images: runtime.bytes([count, side, side, 3], bytes),
    labels: runtime.tf.tensor1d(labels, "int32"),
    blend: [],
  };
  const loss = await step.run(batch, optimiser.scalars(++steps, 1e-3));
  await loss.data();
  runtime.tf.dispose([loss, batch.images, batch.labels]);
  return performance.now() - start;
}

for (let i = 0; i < WARM_UP_STEPS; i++) await trainStep();
const { backend, device, versions } = runtime.info;
console.log(`${backend} ${versions[backend] ?? versions.tfjs}, ${device}, ${threads} thread(s)`);
for await (const _ of createInterface({ input: process.stdin })) {
  const times: number[] = [];
  for (let i = 0; i < Number(stepsPerRound); i++) times.push(await trainStep());
  console.log(times.sort((a, b) => a - b)[times.length >> 1]);
}
Deno.exit(0);
