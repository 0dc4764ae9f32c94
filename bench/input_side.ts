/**
 * The side of input_bench.ts: trains the network that the arguments name (network, batch size,
 * source of the views, steps a round, of them on a batch that stays, width of the projector) on one
 * thread, as the stage `train` does; for each line of stdin it does a round and prints an {@link InputRound}.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { TableFile } from "../lib/arrow/reader.ts";
import { viewSchema } from "../lib/tables/schemas.ts";
import { TableWriter } from "../lib/arrow/writer.ts";
import { OnlineViews } from "../lib/augment/views/online_views.ts";
import { parsePolicy, type TransformPolicy } from "../lib/augment/policy/policy.ts";
import { type Batch, disposeBatch } from "../lib/nn/training/batch_loader.ts";
import { type EncoderName, encoders } from "../lib/nn/network/encoder.ts";
import { imagesInMemory } from "../lib/nn/network/images.ts";
import { createNetwork } from "../lib/nn/network/network.ts";
import { onlineWorkers } from "../lib/nn/training/online_workers.ts";
import { createTrainingParts } from "../lib/nn/training/training_parts.ts";
import { viewsOf } from "../lib/nn/training/view_table.ts";
import type { ViewSource } from "../lib/nn/training/views.ts";
import { RandomSource } from "../lib/random/random.ts";
import { openRuntime } from "../lib/tensorflow/open.ts";

/** What a round measured, in milliseconds per step. */
export interface InputRound {
  /** With a batch that stays where it is. */
  readonly bare: number;
  /** With new batches. */
  readonly fed: number;
  /** Of that, the time for which the step had to wait for its batch. */
  readonly waited: number;
}

const SAMPLES = 1024;
const VIEWS = 32;
const WARM_UP_STEPS = 3;

const [network, batchSize, sourceName, stepsPerRound, bareSteps = stepsPerRound, projector = 1024] =
  Deno.args;
const side = network === "resnet18" ? 32 : 16;
const shape = [side, side, 3] as const;
const imageBytes = side * side * 3;
const random = new RandomSource(0);
const stream = random.stream("bench images");
const images = new Uint8Array(new SharedArrayBuffer(SAMPLES * imageBytes));
images.forEach((_, i) => images[i] = stream.integer(256));
const labels = Int32Array.from({ length: SAMPLES }, () => stream.integer(10));
const indices = Int32Array.from({ length: SAMPLES }, (_, i) => i);
const folder = await Deno.makeTempDir();

const runtime = await openRuntime({ backend: "tensorflow", threads: 1 });
const net = createNetwork(runtime, {
  encoder: encoders[network as EncoderName],
  hidden: [Number(projector)],
  classes: 10,
  images: shape,
}, random);
const parts = createTrainingParts({
  runtime,
  network: net,
  data: { images: imagesInMemory(images, shape), labels, classes: 10, views: viewSource() },
  config: {
    epochs: 1_000_000,
    batchSize: Number(batchSize),
    optimiser: "adam",
    learningRate: 1e-3,
    mixup: "paper",
    evaluateEvery: 1,
  },
  random,
}, () => performance.now());

/**
 * `cached`: a file of views; `online-N`: made by N workers, or, if 0, by this thread; `online`: by
 * as many as the stage takes.
 */
function viewSource(): ViewSource {
  if (sourceName === "cached") return viewsOf(writtenViews(), indices).source;
  const size = { height: side, width: side };
  const policy = parsePolicy("full") as TransformPolicy;
  const stages = onlineWorkers(runtime.info, navigator.hardwareConcurrency);
  const workers = Number(sourceName.split("-")[1] ?? stages);
  return new OnlineViews({ images, indices, policy, seed: 0, input: size, output: size, workers });
}

function writtenViews(): TableFile<typeof viewSchema.columns> {
  const path = join(folder, "views.arrow");
  const writer = new TableWriter(path, viewSchema, { shapes: { image: shape } });
  for (let view = 0; view < VIEWS; view++) {
    writer.append({ index: indices, view: new Int32Array(SAMPLES).fill(view), image: images });
  }
  writer.close();
  return TableFile.open(path, viewSchema);
}

/** One step of the trainer; `during` is done while the step is computed. */
async function trainOn(batch: Batch, step: number, during: () => void): Promise<void> {
  const running = parts.step.run(batch, parts.optimiser.scalars(step + 1, 1e-3));
  during();
  const loss = await running;
  loss.dispose();
}

async function milliseconds(steps: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < steps; i++) await work();
  return (performance.now() - start) / steps;
}

let step = 0;
const still = await parts.loader.take(step);

async function bareStep(): Promise<void> {
  await trainOn(still, step++, () => {});
}

async function fedStep(): Promise<void> {
  const batch = await parts.loader.take(step);
  await trainOn(batch, step++, () => parts.loader.prefetch());
  disposeBatch(batch);
}

for (let i = 0; i < WARM_UP_STEPS; i++) await bareStep();
const { backend, device, versions } = runtime.info;
console.log(`${backend} ${versions[backend]}, ${device}, 1 thread`);
for await (const _ of createInterface({ input: process.stdin })) {
  const steps = Number(stepsPerRound);
  const bare = await milliseconds(Number(bareSteps), bareStep);
  // The first batch of a run is not ahead of its step, nor is it here, where steps were bare.
  await fedStep();
  const before = parts.loader.cost.secondsWaited;
  const fed = await milliseconds(steps, fedStep);
  const waited = (parts.loader.cost.secondsWaited - before) * 1000 / steps;
  const round: InputRound = { bare, fed, waited };
  console.log(JSON.stringify(round));
}
await Deno.remove(folder, { recursive: true });
Deno.exit(0);
