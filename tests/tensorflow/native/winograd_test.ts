import { strict as assert } from "node:assert";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { RandomSource } from "../../../lib/random/random.ts";
import type { Runtime, Tensor } from "../../../lib/tensorflow/runtime.ts";
import { suitsWinograd, winogradConv2d } from "../../../lib/tensorflow/native/winograd.ts";
import { nativeTest, takesBfloat16 } from "../native_library.ts";

function normal(runtime: Runtime, name: string, shape: number[]): Tensor {
  const stream = new RandomSource(0).stream(name);
  const size = shape.reduce((product, side) => product * side, 1);
  return runtime.tf.tensor(Float32Array.from({ length: size }, () => stream.normal()), shape);
}

/** Value and gradients of a convolution, all in a row. */
function all(
  runtime: Runtime,
  convolve: (x: Tensor, filter: Tensor) => Tensor,
  [x, filter, dy]: readonly Tensor[],
): Tensor[] {
  return [convolve(x, filter), ...runtime.tf.grads(convolve)([x, filter], dy)];
}

function assertNear(actual: Tensor, expected: Tensor, tolerance: number): void {
  assert.deepEqual(actual.shape, expected.shape);
  const [a, e] = [actual, expected].map((tensor) => [...tensor.dataSync()]);
  const largest = e.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = e.reduce((most, value, i) => Math.max(most, Math.abs(value - a[i])), 0);
  assert.ok(worst <= tolerance * largest, `off by ${worst} where the largest value is ${largest}`);
}

const SHAPES = [
  { images: 1, side: [4, 4], inputs: 1, outputs: 1 },
  { images: 3, side: [4, 12], inputs: 2, outputs: 5 },
  { images: 2, side: [16, 8], inputs: 128, outputs: 160 },
] as const;

for (const { images, side, inputs, outputs } of SHAPES) {
  const what = `${images} images of ${side.join("x")}, ${inputs} to ${outputs} channels`;
  nativeTest(
    `Winograd's convolution and its gradients equal the direct ones: ${what}`,
    (runtime) => {
      const { tf } = runtime;
      tf.tidy(() => {
        const args = [
          normal(runtime, "x", [images, ...side, inputs]),
          normal(runtime, "filter", [3, 3, inputs, outputs]),
          normal(runtime, "dy", [images, ...side, outputs]),
        ];
        const direct = all(
          runtime,
          (x, w) => tf.conv2d(x as Tensor4D, w as Tensor4D, 1, "same"),
          args,
        );
        const ours = all(runtime, (x, w) => winogradConv2d(tf, x, w), args);
        // Sums of some hundred products in float32, in another order.
        direct.forEach((expected, i) => assertNear(ours[i], expected, 1e-5));
      });
    },
  );
}

nativeTest(
  "wide layers of small images take Winograd's way in float32, none in bfloat16",
  (runtime) => {
    runtime.tf.tidy(() => {
      const [x, filter] = [[32, 4, 4, 128], [3, 3, 128, 128]].map((shape, i) =>
        normal(runtime, `${i}`, shape)
      );
      const direct = [
        ...runtime.tf.conv2d(x as Tensor4D, filter as Tensor4D, 1, "same").dataSync(),
      ];
      const through = (precision: "float32" | "bfloat16") => {
        const body = (x: Tensor, filter: Tensor) => [runtime.ops.conv2d(x, filter, { padding: 1 })];
        const step = runtime.step("convolution", body, { precision });
        const [y] = step.run(x, filter);
        step.dispose();
        return y;
      };
      const winograd = winogradConv2d(runtime.tf, x, filter).dataSync();
      assert.deepEqual(through("float32").dataSync(), winograd);
      assert.notDeepEqual(winograd, direct);
      if (!takesBfloat16(runtime)) return;
      const rounded = through("bfloat16").dataSync();
      const scale = Math.max(...direct.map(Math.abs));
      // Products of numbers with 8 bits each, over 1152 terms; the transformations would add to that.
      const off = Math.max(...direct.map((value, i) => Math.abs(value - rounded[i])));
      assert.ok(off < 0.01 * scale, `off by ${off / scale}`);
    });
  },
);

Deno.test("Winograd's way is taken for wide layers of whole tiles that are many, yet of small images", () => {
  const suits = (images: number, side: number, channels: number, kernel = 3) =>
    suitsWinograd([images, side, side, channels], [kernel, kernel, channels, channels]);
  assert.ok(suits(32, 4, 512));
  assert.ok(suits(8, 8, 256));
  assert.ok(suits(2, 16, 128));
  assert.ok(!suits(32, 32, 128));
  assert.ok(!suits(32, 6, 512));
  assert.ok(!suits(31, 4, 512));
  assert.ok(!suits(32, 4, 512, 1));
  assert.ok(!suits(32, 4, 64));
});
