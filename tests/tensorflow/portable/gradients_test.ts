import "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar } from "@tensorflow/tfjs-core";
import { PortableRuntime } from "../../../lib/tensorflow/portable/runtime.ts";
import type { Tensor } from "../../../lib/tensorflow/runtime.ts";
import { assertClose } from "../ops_golden.ts";

// The JavaScript backend: slow, exact to float32, and without kernels of ours.
await tf.setBackend("cpu");
const runtime = new PortableRuntime(tf, {
  backend: "wasm",
  device: "JavaScript",
  threads: 1,
  versions: {},
});
const { ops } = runtime;

function wave(shape: number[], frequency: number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Float32Array.from({ length: size }, (_, i) => Math.sin(frequency * i)), shape);
}

/** Compares the slope of a weighted sum of `f` along a direction with its central difference. */
async function assertSlopes(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): Promise<void> {
  const weights = wave(f(...inputs).shape, 0.77);
  const loss = (...inputs: Tensor[]) => tf.sum(tf.mul(f(...inputs), weights)) as Scalar;
  const gradients = tf.grads(loss)(inputs);
  for (const [i, input] of inputs.entries()) {
    const direction = wave(input.shape, 1.9);
    const slope = tf.sum(tf.mul(gradients[i], direction));
    const h = 1e-2;
    const at = async (sign: number) => {
      const moved = inputs.map((x, j) => j === i ? tf.add(x, tf.mul(direction, sign * h)) : x);
      return (await loss(...moved).data())[0];
    };
    const difference = (await at(1) - await at(-1)) / (2 * h);
    assertClose(await slope.data(), [difference], 2e-3, `input ${i}`);
  }
}

Deno.test("the slopes of convolutions are their finite differences", async () => {
  const inputs = [wave([2, 5, 6, 3], 1.3), wave([3, 3, 3, 2], 2.1)];
  await assertSlopes((x, w) => ops.conv2d(x, w, { stride: 2, padding: 1 }), inputs);
});

Deno.test("the slopes of max pooling are its finite differences", async () => {
  await assertSlopes((x) => ops.maxPool2x2(x), [wave([2, 4, 6, 3], 1.3)]);
});

Deno.test("the slopes of batch normalisation in training are its finite differences", async () => {
  const mean = runtime.variable("mean", [3], new Float32Array(3));
  const variance = runtime.variable("variance", [3], new Float32Array(3).fill(1));
  await assertSlopes(
    (x, gamma, beta) => ops.batchNormTraining(x, gamma, beta, mean, variance),
    [wave([3, 4, 4, 3], 1.3), wave([3], 2.1), wave([3], 0.4)],
  );
});

Deno.test("the slopes of batch normalisation in inference are its finite differences", async () => {
  const [mean, variance] = [wave([3], 0.3), tf.tensor1d([0.5, 1, 2])];
  await assertSlopes(
    (x, gamma, beta) => ops.batchNormInference(x, gamma, beta, mean, variance),
    [wave([3, 4, 4, 3], 1.3), wave([3], 2.1), wave([3], 0.4)],
  );
});
