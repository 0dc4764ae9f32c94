/** What every portable backend must compute: the tests of one file, on one backend. */
import assert from "node:assert/strict";
import type { Runtime, Tensor } from "../../../lib/tensorflow/runtime.ts";
import { assertClose, assertGolden, golden, goldenNames, goldenTensor } from "../ops_golden.ts";

/** Defines the tests; `ignore` says why none can run, or is null. */
export function testPortableBackend(
  open: () => Promise<Runtime>,
  { ignore = null }: { ignore?: string | null } = {},
): void {
  let opened: Promise<Runtime> | undefined;
  const test = (name: string, body: (runtime: Runtime) => Promise<void>) =>
    Deno.test({
      name: ignore === null ? name : `${name} (${ignore})`,
      ignore: ignore !== null,
      fn: async () => {
        const runtime = await (opened ??= open());
        const before = runtime.tf.memory().numTensors;
        runtime.tf.engine().startScope();
        try {
          await body(runtime);
        } finally {
          runtime.tf.engine().endScope();
        }
        assert.equal(runtime.tf.memory().numTensors, before, "tensors left behind");
      },
    });

  test("convolutions and both their gradients are PyTorch's", async (runtime) => {
    const { tf, ops } = runtime;
    const cases = goldenNames.filter((name) => /^conv .*\/x$/.test(name));
    assert.equal(cases.length, 12);
    for (const name of cases.map((name) => name.replace("/x", ""))) {
      const [, stride, padding] = /s(\d) p(\d)/.exec(name)!.map(Number);
      const conv = (x: Tensor, w: Tensor) => ops.conv2d(x, w, { stride, padding });
      const [x, w] = [goldenTensor(runtime, `${name}/x`), goldenTensor(runtime, `${name}/w`)];
      await assertGolden(conv(x, w), `${name}/y`);
      const [dx, dw] = tf.grads(conv)([x, w], goldenTensor(runtime, `${name}/dy`));
      await assertGolden(dx, `${name}/dx`);
      await assertGolden(dw, `${name}/dw`);
    }
  });

  test("a step in bfloat16, or compiled by XLA, is refused", (runtime) => {
    const { backend } = runtime.info;
    for (const options of [{ precision: "bfloat16" }, { xla: true }] as const) {
      assert.throws(
        () => runtime.step("train", (x) => [x], options),
        new RegExp(
          `Cannot run the step train .* as the backend must be tensorflow: .* ${backend}\\.`,
        ),
      );
    }
    runtime.step("train", (x) => [x], { precision: "float32", xla: false }).dispose();
    return Promise.resolve();
  });

  test("batch normalisation in training is PyTorch's: values, statistics, gradients", async (runtime) => {
    const { tf, ops } = runtime;
    const { mean, variance } = runningStatistics(runtime, "norm");
    const norm = (x: Tensor, gamma: Tensor, beta: Tensor) =>
      ops.batchNormTraining(x, gamma, beta, mean, variance);
    const inputs = ["training/x", "weight", "bias"].map((n) => goldenTensor(runtime, `norm/${n}`));
    const dy = goldenTensor(runtime, "norm/training/dy");
    const y = norm(inputs[0], inputs[1], inputs[2]);
    await assertGolden(y, "norm/training/y");
    assertClose(await mean.data(), golden("norm/training/running_mean").values, 1e-6, "mean");
    assertClose(
      await variance.data(),
      golden("norm/training/running_var").values,
      1e-6,
      "variance",
    );
    const gradients = tf.grads(norm)(inputs, dy);
    await assertGolden(gradients[0], "norm/training/dx");
    await assertGolden(gradients[1], "norm/training/dweight");
    await assertGolden(gradients[2], "norm/training/dbias");
    mean.dispose();
    variance.dispose();
  });

  test("batch normalisation in inference is PyTorch's: values and gradients", async (runtime) => {
    const { tf, ops } = runtime;
    const mean = goldenTensor(runtime, "norm/training/running_mean");
    const variance = goldenTensor(runtime, "norm/training/running_var");
    const norm = (x: Tensor, gamma: Tensor, beta: Tensor) =>
      ops.batchNormInference(x, gamma, beta, mean, variance);
    const inputs = ["inference/x", "weight", "bias"].map((n) => goldenTensor(runtime, `norm/${n}`));
    await assertGolden(norm(inputs[0], inputs[1], inputs[2]), "norm/inference/y");
    const gradients = tf.grads(norm)(inputs, goldenTensor(runtime, "norm/inference/dy"));
    await assertGolden(gradients[0], "norm/inference/dx");
    await assertGolden(gradients[1], "norm/inference/dweight");
    await assertGolden(gradients[2], "norm/inference/dbias");
  });

  test("batch statistics keep their precision far from zero and over many values", async (runtime) => {
    const { tf, ops } = runtime;
    const [images, side] = [64, 16];
    const values = Float32Array.from(
      { length: images * side * side * 2 },
      (_, i) => 100 + Math.sin(1.3 * i + 0.01 * i * i),
    );
    const count = values.length / 2;
    const mean = runtime.variable("mean", [2], new Float32Array(2));
    const variance = runtime.variable("variance", [2], new Float32Array(2));
    const x = tf.tensor(values, [images, side, side, 2]);
    ops.batchNormTraining(x, tf.ones([2]), tf.zeros([2]), mean, variance, { momentum: 1 });
    const means = [0, 1].map((c) =>
      values.reduce((sum, v, i) => i % 2 === c ? sum + v : sum, 0) / count
    );
    const variances = [0, 1].map((c) =>
      values.reduce((sum, v, i) => i % 2 === c ? sum + (v - means[c]) ** 2 : sum, 0) / (count - 1)
    );
    assertClose(await mean.data(), means, 1e-6, "mean");
    assertClose(await variance.data(), variances, 1e-4, "variance");
    mean.dispose();
    variance.dispose();
  });

  test("max pooling and its gradient are PyTorch's", async (runtime) => {
    const { tf, ops } = runtime;
    const x = goldenTensor(runtime, "pool/x");
    const pool = (x: Tensor) => ops.maxPool2x2(x);
    await assertGolden(pool(x), "pool/y");
    await assertGolden(tf.grad(pool)(x, goldenTensor(runtime, "pool/dy")), "pool/dx");
  });

  test("where a window has several maxima, the first one gets the gradient", async (runtime) => {
    const { tf, ops } = runtime;
    const x = tf.tensor([3, 3, 0, 0, 1, 3, 0, 0], [1, 2, 4, 1]);
    const dx = tf.grad((x: Tensor) => ops.maxPool2x2(x))(x, tf.tensor([5, 7], [1, 1, 2, 1]));
    assert.deepEqual([...await dx.data()], [5, 0, 7, 0, 0, 0, 0, 0]);
  });

  test("ReLU passes gradients where its input is positive", async (runtime) => {
    const { tf, ops } = runtime;
    const x = tf.tensor1d([-2, -0.5, 0.5, 3]);
    assert.deepEqual([...await ops.relu(x).data()], [0, 0, 0.5, 3]);
    const dx = tf.grad((x: Tensor) => ops.relu(x))(x, tf.tensor1d([5, 6, 7, 8]));
    assert.deepEqual([...await dx.data()], [0, 0, 7, 8]);
  });

  test("bytes become float32 in [0, 1] as torchvision's ToTensor makes them", async (runtime) => {
    const bytes = runtime.bytes([256], Uint8Array.from({ length: 256 }, (_, i) => i));
    await assertGolden(runtime.ops.scaleImages(bytes), "images", 1e-7);
  });

  for (const epsilon of [1e-8, 1e-2]) {
    const name = `adam ${epsilon === 1e-8 ? "1e-8" : "1e-2"}`;
    test(`ten updates by ${name} are PyTorch's`, async (runtime) => {
      const { tf, ops } = runtime;
      await assertUpdates(runtime, name, 2, ([w, first, second], gradient, learningRate, t) => {
        const [beta1, beta2] = [0.9, 0.999];
        const powers = {
          beta1Power: tf.scalar(beta1 ** t),
          beta2Power: tf.scalar(beta2 ** t),
        };
        const rate = { learningRate, beta1, beta2, epsilon, ...powers };
        ops.applyAdam(w, { first, second }, gradient, rate);
      });
    });
  }

  test("ten updates by SGD with momentum are PyTorch's", async (runtime) => {
    await assertUpdates(
      runtime,
      "momentum",
      1,
      ([w, velocity], gradient, learningRate) =>
        runtime.ops.applyMomentum(w, velocity, gradient, { learningRate, momentum: 0.9 }),
    );
  });

  test("a step keeps the number of tensors and buffers constant", async (runtime) => {
    const { tf, ops } = runtime;
    const shape = [3, 3, 3, 4];
    const values = Float32Array.from({ length: 108 }, (_, i) => Math.sin(i));
    const [w, velocity] = ["w", "velocity"].map((name) => runtime.variable(name, shape, values));
    const { mean, variance } = runningStatistics(runtime, "norm", 4);
    const step = runtime.step("train", (x, learningRate) => {
      const loss = (w: Tensor) => {
        const y = ops.conv2d(x, w, { stride: 2, padding: 1 });
        const normal = ops.batchNormTraining(y, tf.ones([4]), tf.zeros([4]), mean, variance);
        const features = tf.reshape(ops.maxPool2x2(ops.relu(normal)), [2, -1]);
        return tf.mean(tf.square(tf.matMul(features as never, tf.ones([16, 3])))).asScalar();
      };
      const { value, grads } = tf.valueAndGrads(loss)([w.read()]);
      ops.applyMomentum(w, velocity, grads[0], { learningRate, momentum: 0.9 });
      return [value];
    });
    const args = [tf.ones([2, 8, 8, 3]), tf.scalar(0.01)];
    const counts: string[] = [];
    for (let i = 0; i < 4; i++) {
      const [loss] = i % 2 ? step.run(...args) : await step.runAsync(...args);
      loss.dispose();
      counts.push(`${tf.memory().numTensors} ${tf.memory().numDataBuffers}`);
    }
    assert.equal(new Set(counts).size, 1, counts.join("; "));
    step.dispose();
    [w, velocity, mean, variance].forEach((variable) => variable.dispose());
  });

  test("an error inside a step leaves no tensors behind", async (runtime) => {
    const { tf } = runtime;
    const x = tf.ones([4]);
    const before = tf.memory().numTensors;
    const step = runtime.step("fails", (x) => {
      tf.square(x);
      throw new Error("inside");
    });
    assert.throws(() => step.run(x), /inside/);
    await assert.rejects(step.runAsync(x), /inside/);
    assert.equal(tf.memory().numTensors, before);
  });

  test("timers get their turn between steps", async (runtime) => {
    const step = runtime.step("identity", (x) => [runtime.tf.clone(x)]);
    const x = runtime.tf.scalar(1);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for (let i = 0; i < 5; i++) (await step.runAsync(x))[0].dispose();
    clearInterval(timer);
    assert.ok(turns > 0);
  });

  test("a variable is written, read and assigned, and belongs to nobody's scope", async (runtime) => {
    const { tf } = runtime;
    const values = Float32Array.of(1, 2, 3, 4);
    const variable = runtime.variable("v", [2, 2], values);
    values.fill(0);
    assert.deepEqual([...await variable.data()], [1, 2, 3, 4], "the caller's array is copied");
    const step = runtime.step("double", () => {
      variable.assign(tf.mul(variable.read(), 2));
      return [tf.sum(variable.read())];
    });
    const [sum] = step.run();
    assert.deepEqual([...await sum.data()], [20]);
    variable.read().dispose();
    assert.deepEqual([...await variable.data()], [2, 4, 6, 8]);
    variable.set(Float32Array.of(5, 6, 7, 8));
    assert.deepEqual([...await variable.data()], [5, 6, 7, 8]);
    variable.dispose();
    variable.dispose();
    assert.throws(() => variable.read(), /Cannot use the variable v as it was disposed/);
  });

  test("a variable refuses what does not fit its shape", (runtime) => {
    const make = () => runtime.variable("v", [2, 3], new Float32Array(5));
    assert.throws(make, {
      name: "RangeError",
      message:
        "Cannot set the variable v of shape [2,3] as there must be 6 values: current value is 5",
    });
    const variable = runtime.variable("v", [2], new Float32Array(2));
    assert.throws(() => variable.assign(runtime.tf.ones([3])), {
      name: "RangeError",
      message: "Cannot assign to the variable v as the shape must be [2]: current value is [3]",
    });
    assert.throws(() => variable.set(new Float32Array(3)), RangeError);
    variable.dispose();
    return Promise.resolve();
  });
}

function runningStatistics(runtime: Runtime, name: string, channels = 3) {
  const { values: mean } = golden(`${name}/running_mean`);
  const { values: variance } = golden(`${name}/running_var`);
  const resize = (values: Float32Array) =>
    Float32Array.from({ length: channels }, (_, i) => values[i % 3]);
  return {
    mean: runtime.variable("mean", [channels], resize(mean)),
    variance: runtime.variable("variance", [channels], resize(variance)),
  };
}

type Variables = ReturnType<Runtime["variable"]>[];

/** Applies the golden gradients, with the golden learning rates, and compares after each update. */
async function assertUpdates(
  runtime: Runtime,
  name: string,
  moments: number,
  update: (variables: Variables, gradient: Tensor, learningRate: Tensor, t: number) => void,
): Promise<void> {
  const { tf } = runtime;
  const initial = golden(`${name}/initial`).values;
  const size = initial.length;
  const variables = [
    runtime.variable("w", [size], initial),
    ...Array.from(
      { length: moments },
      (_, i) => runtime.variable(`m${i}`, [size], new Float32Array(size)),
    ),
  ];
  const gradients = golden(`${name}/gradients`).values;
  const expected = golden(`${name}/values`).values;
  for (let t = 1; t <= 10; t++) {
    const range = [(t - 1) * size, t * size] as const;
    const gradient = tf.tensor1d(gradients.slice(...range));
    update(variables, gradient, tf.scalar(0.01 / t), t);
    assertClose(await variables[0].data(), expected.slice(...range), 2e-6, `${name} ${t}`);
  }
  variables.forEach((variable) => variable.dispose());
}
