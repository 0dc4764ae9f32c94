import { strict as assert } from "node:assert";
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { RandomSource } from "../../../lib/random/random.ts";
import { Binding } from "../../../lib/tensorflow/native/binding.ts";
import type { Runtime, Tensor } from "../../../lib/tensorflow/runtime.ts";
import { nativeTest } from "../native_library.ts";

type Pair = readonly [number, number];
type Pad = [number, number];

/** Images of H x W pixels with C channels, and the stride by which they become images of O channels. */
interface Shape {
  readonly images: number;
  readonly sides: Pair;
  readonly channels: Pair;
  readonly stride: Pair;
}

const SHAPES: readonly Shape[] = [
  { images: 5, sides: [6, 6], channels: [1, 4], stride: [2, 2] },
  { images: 5, sides: [16, 16], channels: [3, 8], stride: [2, 2] },
  { images: 2, sides: [7, 10], channels: [8, 16], stride: [2, 2] },
  { images: 1, sides: [1, 5], channels: [17, 5], stride: [2, 2] },
  { images: 2, sides: [9, 8], channels: [5, 3], stride: [3, 1] },
  { images: 2, sides: [4, 11], channels: [4, 33], stride: [1, 4] },
];

function normal({ tf }: Runtime, name: string, shape: number[]): Tensor4D {
  const stream = new RandomSource(0).stream(name);
  const size = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length: size }, () => stream.normal());
  return tf.tensor(values, shape as Tensor4D["shape"]);
}

function operands(runtime: Runtime, { images, sides, channels, stride }: Shape): Tensor4D[] {
  const met = sides.map((side, axis) => Math.ceil(side / stride[axis]));
  return [
    normal(runtime, "x", [images, ...sides, channels[0]]),
    normal(runtime, "filter", [1, 1, ...channels]),
    normal(runtime, "dy", [images, ...met, channels[1]]),
  ];
}

/** Value and gradients, pixel by pixel in double precision. */
function expected({ sides: [H, W], channels: [C, O], stride }: Shape, tensors: Tensor4D[]) {
  const [x, filter, dy] = tensors.map((tensor) => tensor.dataSync());
  const [images, P, Q] = tensors[2].shape;
  const [y, dx, dfilter] = [dy, x, filter].map(({ length }) => new Float64Array(length));
  for (let pixel = 0; pixel < images * P * Q; pixel++) {
    const [p, q] = [Math.floor(pixel / Q) % P, pixel % Q];
    const image = Math.floor(pixel / (P * Q));
    const met = (image * H + p * stride[0]) * W + q * stride[1];
    for (let c = 0; c < C; c++) {
      for (let o = 0; o < O; o++) {
        y[pixel * O + o] += x[met * C + c] * filter[c * O + o];
        dx[met * C + c] += dy[pixel * O + o] * filter[c * O + o];
        dfilter[c * O + o] += dy[pixel * O + o] * x[met * C + c];
      }
    }
  }
  return [y, dx, dfilter];
}

/** Value and gradients, by `tf.conv2d` and by the networks' operation where it has such a stride. */
function ways({ tf, ops }: Runtime, { stride }: Shape): ((...args: Tensor[]) => Tensor[])[] {
  const all = (convolve: (x: Tensor, filter: Tensor) => Tensor) => (...args: Tensor[]) => {
    const [x, filter, dy] = args;
    const { value, grads } = tf.valueAndGrads(convolve)([x, filter], dy);
    return [value, ...grads];
  };
  const library = (padding: "same" | "valid") => (x: Tensor, filter: Tensor) =>
    tf.conv2d(x as Tensor4D, filter as Tensor4D, [...stride], padding);
  const network = (x: Tensor, filter: Tensor) => ops.conv2d(x, filter, { stride: stride[0] });
  return [library("same"), library("valid"), ...stride[0] === stride[1] ? [network] : []].map(all);
}

/** Collects the names of the operations that the library is given. */
function operationsOf(body: () => void): string[] {
  const { executeOp } = Binding.prototype;
  const names: string[] = [];
  Binding.prototype.executeOp = function (this: Binding, name, ...rest) {
    names.push(name);
    return executeOp.call(this, name, ...rest);
  };
  try {
    body();
  } finally {
    Binding.prototype.executeOp = executeOp;
  }
  return names;
}

for (const shape of SHAPES) {
  const { images, sides, channels, stride } = shape;
  const what = `${images} images of ${sides.join("x")}, ${channels.join(" to ")} channels, ` +
    `stride ${stride.join("x")}`;
  nativeTest(
    `a 1x1 convolution with a stride and its gradients equal plain loops: ${what}`,
    (runtime) => {
      runtime.tf.tidy(() => {
        const args = operands(runtime, shape);
        const references = expected(shape, args);
        for (const compute of ways(runtime, shape)) {
          const step = runtime.step("pointwise", compute);
          for (const results of [compute(...args), step.run(...args)]) {
            references.forEach((reference, i) => {
              const values = results[i].dataSync();
              assert.equal(values.length, reference.length);
              const worst = Math.max(...reference.map((value, k) => Math.abs(value - values[k])));
              // At most 45 products in float32.
              assert.ok(worst < 1e-4, `result ${i} is off by ${worst}`);
            });
          }
          step.dispose();
        }
      });
    },
  );
}

nativeTest(
  "no 1x1 convolution with a stride is given to the library, at once or recorded",
  (runtime) => {
    for (const shape of SHAPES) {
      runtime.tf.tidy(() => {
        const args = operands(runtime, shape);
        for (const compute of ways(runtime, shape)) {
          const step = runtime.step("pointwise", compute);
          const names = operationsOf(() => {
            compute(...args);
            step.run(...args);
          });
          step.dispose();
          assert.ok(names.includes("BatchMatMulV2"));
          assert.deepEqual(names.filter((name) => name.startsWith("Conv")), []);
        }
      });
    }
  },
);

nativeTest("a 1x1 convolution with a stride leaves no tensors behind", (runtime) => {
  const { tf } = runtime;
  const shape = SHAPES[2];
  const args = operands(runtime, shape);
  const [compute] = ways(runtime, shape);
  const before = tf.memory().numTensors;
  tf.dispose(tf.tidy(() => compute(...args)));
  assert.equal(tf.memory().numTensors, before);
  assert.equal(args[0].dataSync().length, args[0].size);
  tf.dispose(args);
});

nativeTest("other 1x1 convolutions are still the library's", (runtime) => {
  const { tf } = runtime;
  tf.tidy(() => {
    const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    const filter = tf.tensor4d([10], [1, 1, 1, 1]);
    const padding = [[0, 0], [1, 0], [0, 1], [0, 0]] as [Pad, Pad, Pad, Pad];
    const [padded, unpadded] = [padding, "same" as const].map((padding) => {
      let y: Tensor | undefined;
      const names = operationsOf(() => y = tf.conv2d(x, filter, 1, padding));
      assert.ok(names.includes("Conv2D"));
      return [...y!.dataSync()];
    });
    assert.deepEqual(padded, [0, 0, 0, 10, 20, 0, 30, 40, 0]);
    assert.deepEqual(unpadded, [10, 20, 30, 40]);
  });
});
