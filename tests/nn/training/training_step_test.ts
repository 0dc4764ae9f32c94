import assert from "node:assert/strict";
import type { Batch } from "../../../lib/nn/training/batch_loader.ts";
import type { LossConfig } from "../../../lib/nn/training/loss.ts";
import { createNetwork } from "../../../lib/nn/network/network.ts";
import { createOptimiser } from "../../../lib/nn/training/optimiser.ts";
import { createTrainingStep } from "../../../lib/nn/training/training_step.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import type { Runtime } from "../../../lib/tensorflow/runtime.ts";
import { backendTest } from "../backend.ts";

const COUNT = 4;
const stream = new RandomSource(2).stream("images");
const bytes = Uint8Array.from({ length: COUNT * 192 }, () => stream.integer(256));
const labels = [0, 1, 2, 0];
const partners = [2, 0, 3, 1];

/** The loss of a linear network (no hidden layer) on a blended batch, and its outputs without blending. */
async function measure(runtime: Runtime, loss: LossConfig, weight: number) {
  const { tf } = runtime;
  const config = {
    encoder: { kind: "mlp", widths: [] },
    hidden: [],
    classes: 3,
    images: [8, 8, 3],
  } as const;
  const network = createNetwork(runtime, config, new RandomSource(0));
  const optimiser = createOptimiser(runtime, network.parameters, "adam");
  const step = createTrainingStep(runtime, network, {
    loss,
    optimiser,
    xla: false,
    precision: "float32",
  });
  const batch: Batch = {
    images: runtime.bytes([COUNT, 8, 8, 3], bytes),
    labels: tf.tensor1d(labels, "int32"),
    blend: [tf.tensor1d(partners, "int32"), tf.scalar(weight)],
  };
  const result = await step.run(batch, optimiser.scalars(1, 0));
  const [value] = await result.data();
  const matrix = await network.parameters[0].data();
  tf.dispose([result, batch.images, batch.labels, ...batch.blend]);
  for (const owner of [step, optimiser, network]) owner.dispose();
  return { value, outputs: outputsOf(matrix) };
}

/** The outputs [COUNT][3] of the images [COUNT,192] by a matrix [192,3]. */
function outputsOf(matrix: ArrayLike<number>): number[][] {
  return Array.from({ length: COUNT }, (_, n) =>
    [0, 1, 2].map((c) => {
      let sum = 0;
      for (let i = 0; i < 192; i++) sum += bytes[n * 192 + i] / 255 * matrix[i * 3 + c];
      return sum;
    }));
}

/** What a linear network gives for blended images is the blend of what it gives for each. */
function blended(weight: number, outputs: number[][]) {
  return outputs.map((row, n) =>
    row.map((value, c) => ({
      output: weight * value + (1 - weight) * outputs[partners[n]][c],
      target: weight * Number(labels[n] === c) + (1 - weight) * Number(labels[partners[n]] === c),
    }))
  );
}

for (const weight of [1, 0.3]) {
  backendTest(
    `mixup with weight ${weight} blends images and labels alike under mean squared error`,
    async (runtime) => {
      const { value, outputs } = await measure(runtime, { kind: "mse", scale: 3 }, weight);
      const squares = blended(weight, outputs).flat().map((x) => (x.output - x.target) ** 2);
      const expected = 3 * squares.reduce((sum, square) => sum + square, 0) / squares.length;
      assert.ok(Math.abs(value - expected) < 1e-5 * expected, `${value}, ${expected}`);
    },
  );

  backendTest(
    `mixup with weight ${weight} blends images and labels alike under cross-entropy`,
    async (runtime) => {
      const { value, outputs } = await measure(runtime, { kind: "cross-entropy" }, weight);
      const rows = blended(weight, outputs).map((row) => {
        const normaliser = Math.log(row.reduce((sum, { output }) => sum + Math.exp(output), 0));
        return row.reduce((sum, { output, target }) => sum + target * (normaliser - output), 0);
      });
      const expected = rows.reduce((sum, row) => sum + row, 0) / COUNT;
      assert.ok(Math.abs(value - expected) < 1e-5 * expected, `${value}, ${expected}`);
    },
  );
}
