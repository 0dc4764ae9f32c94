import assert from "node:assert/strict";
import "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import {
  convFilterGradient,
  convInputGradient,
} from "../../../lib/tensorflow/portable/conv_gradients.ts";
import { assertClose } from "../ops_golden.ts";

// The JavaScript backend's own gradient kernels are loops over the definition.
await tf.setBackend("cpu");

/** Values between -1 and 1. */
function wave(shape: [number, number, number, number], frequency: number): Tensor4D {
  const size = shape.reduce((product, length) => product * length);
  return tf.tensor4d(Float32Array.from({ length: size }, (_, i) => Math.sin(frequency * i)), shape);
}

async function assertGradients(
  [height, width]: [number, number],
  kernel: [number, number],
  stride: number,
  padding: number,
): Promise<void> {
  const x = wave([2, height, width, 3], 1.7), filter = wave([...kernel, 3, 4], 2.3);
  const conv = (x: tf.Tensor, w: tf.Tensor) =>
    tf.conv2d(x as Tensor4D, w as Tensor4D, stride, padding);
  const dy = wave(conv(x, filter).shape as [number, number, number, number], 0.9);
  const [dx, dw] = tf.grads(conv)([x, filter], dy);
  const geometry = { strides: [stride, stride], padding: [padding, padding] } as const;
  const what = `${height}x${width}, kernel ${kernel}, stride ${stride}, padding ${padding}`;
  const byInput = convInputGradient(tf, dy, filter, [height, width], geometry);
  const byFilter = convFilterGradient(tf, x, dy, kernel, geometry);
  assert.deepEqual([byInput.shape, byFilter.shape], [x.shape, filter.shape], what);
  assertClose(await byInput.data(), await dx.data(), 1e-5, `${what}: input`);
  assertClose(await byFilter.data(), await dw.data(), 1e-5, `${what}: filter`);
}

Deno.test("gradients by convolutions are those of the definition, for every geometry", async () => {
  for (const size of [[4, 6], [5, 7], [7, 8], [8, 5]] as [number, number][]) {
    for (const kernel of [[1, 1], [2, 2], [3, 3], [5, 5], [3, 1], [1, 2]] as [number, number][]) {
      for (const stride of [1, 2, 3]) {
        for (const padding of [0, 1, 2]) {
          const fits = size.every((length, i) => length + 2 * padding >= kernel[i]);
          if (fits) await assertGradients(size, kernel, stride, padding);
        }
      }
    }
  }
});

Deno.test("no tensor is left behind by either gradient", () => {
  const x = wave([1, 5, 5, 2], 1), filter = wave([3, 3, 2, 2], 2), dy = wave([1, 3, 3, 2], 3);
  const geometry = { strides: [2, 2], padding: [1, 1] } as const;
  const before = tf.memory().numTensors;
  convInputGradient(tf, dy, filter, [5, 5], geometry).dispose();
  convFilterGradient(tf, x, dy, [3, 3], geometry).dispose();
  assert.equal(tf.memory().numTensors, before);
});
