import { strict as assert } from "node:assert";
import type { Runtime, Tensor, Variable } from "../../../lib/tensorflow/runtime.ts";
import { nativeTest } from "../native_library.ts";
import { assertClose, golden, goldenNames, goldenTensor } from "../ops_golden.ts";

function assertEqual(actual: Tensor | number[], name: string, tolerance = 2e-6): void {
  const values = Array.isArray(actual) ? actual : actual.dataSync();
  assertClose(values, golden(name).values, tolerance, name);
}

function variableOf(runtime: Runtime, name: string): Variable {
  const { shape, values } = golden(name);
  return runtime.variable(name, shape, values);
}

/** Runs `body` both at once and as a recorded step: the two must pass the same checks. */
function eachWay(runtime: Runtime, check: (run: Runner) => void): void {
  runtime.tf.tidy(() => check((body, args) => body(...args)));
  runtime.tf.tidy(() =>
    check((body, args) => {
      const step = runtime.step("test", body);
      const results = step.run(...args);
      step.dispose();
      return results;
    })
  );
}

type Runner = (body: (...args: Tensor[]) => Tensor[], args: Tensor[]) => Tensor[];

const convolutions = goldenNames.filter((name) => name.startsWith("conv ") && name.endsWith("/y"));

for (const name of convolutions.map((name) => name.slice(0, -2))) {
  const [, stride, padding] = /s(\d) p(\d)/.exec(name)!.map(Number);
  nativeTest(`${name}: value and gradients equal PyTorch's`, (runtime) => {
    eachWay(runtime, (run) => {
      const args = ["x", "w", "dy"].map((key) => goldenTensor(runtime, `${name}/${key}`));
      const [y, dx, dw] = run((x, w, dy) => {
        const conv = (x: Tensor, w: Tensor) => runtime.ops.conv2d(x, w, { stride, padding });
        return [conv(x, w), ...runtime.tf.grads(conv)([x, w], dy)];
      }, args);
      assert.deepEqual(y.shape, golden(`${name}/y`).shape);
      assertEqual(y, `${name}/y`);
      assertEqual(dx, `${name}/dx`);
      assertEqual(dw, `${name}/dw`);
    });
  });
}

nativeTest("batch normalisation in training and inference equals PyTorch's", (runtime) => {
  const { ops, tf } = runtime;
  eachWay(runtime, (run) => {
    const [mean, variance] = ["running_mean", "running_var"].map((key) =>
      variableOf(runtime, `norm/${key}`)
    );
    const affine = ["weight", "bias"].map((key) => goldenTensor(runtime, `norm/${key}`));
    for (const mode of ["training", "inference"]) {
      const normalise = (x: Tensor, gamma: Tensor, beta: Tensor) =>
        mode === "training"
          ? ops.batchNormTraining(x, gamma, beta, mean, variance)
          : ops.batchNormInference(x, gamma, beta, mean.read(), variance.read());
      const [x, dy] = ["x", "dy"].map((key) => goldenTensor(runtime, `norm/${mode}/${key}`));
      const [y, dx, dgamma, dbeta, newMean, newVariance] = run((x, gamma, beta, dy) => {
        const { value, grads } = tf.valueAndGrads(normalise)([x, gamma, beta], dy);
        return [value, ...grads, mean.read(), variance.read()];
      }, [x, ...affine, dy]);
      assertEqual(y, `norm/${mode}/y`);
      assertEqual(dx, `norm/${mode}/dx`, 1e-5);
      assertEqual(dgamma, `norm/${mode}/dweight`, 1e-5);
      assertEqual(dbeta, `norm/${mode}/dbias`, 1e-5);
      assertEqual(newMean, `norm/${mode}/running_mean`);
      assertEqual(newVariance, `norm/${mode}/running_var`);
    }
    mean.dispose();
    variance.dispose();
  });
});

nativeTest("batch normalisation of many channels equals that of few at a time", (runtime) => {
  const { ops, tf } = runtime;
  const vector = (name: string, channels: number) =>
    runtime.variable(name, [channels], new Float32Array(channels).fill(1));
  eachWay(runtime, (run) => {
    const x = tf.randomNormal([3, 4, 5, 16], 2, 3, "float32", 1);
    const dy = tf.randomNormal([3, 4, 5, 16], 0, 1, "float32", 2);
    const affine = [tf.linspace(0.5, 2, 16), tf.linspace(-1, 1, 16)];
    const outcome = (from: number, channels: number) => {
      const [mean, variance] = [vector("mean", channels), vector("variance", channels)];
      const part = (tensor: Tensor) =>
        tf.slice(tensor, [...tensor.shape.slice(1).fill(0), from], [
          ...tensor.shape.slice(0, -1),
          channels,
        ]);
      const normalise = (x: Tensor, gamma: Tensor, beta: Tensor) =>
        ops.batchNormTraining(x, gamma, beta, mean, variance);
      const results = run((x, gamma, beta, dy) => {
        const { value, grads } = tf.valueAndGrads(normalise)([x, gamma, beta], dy);
        const still = ops.batchNormInference(x, gamma, beta, mean.read(), variance.read());
        return [value, ...grads, mean.read(), variance.read(), still];
      }, [x, ...affine, dy].map(part));
      mean.dispose();
      variance.dispose();
      return results;
    };
    const [first, second] = [outcome(0, 8), outcome(8, 8)];
    const names = ["y", "dx", "dgamma", "dbeta", "mean", "variance", "inference"];
    outcome(0, 16).forEach((whole, i) => {
      const parts = tf.concat([first[i], second[i]], -1);
      assertClose(whole.dataSync(), parts.dataSync(), 1e-5, names[i]);
    });
  });
});

nativeTest("2x2 max pooling: value and gradient equal PyTorch's", (runtime) => {
  eachWay(runtime, (run) => {
    const [y, dx] = run((x, dy) => {
      const pool = (x: Tensor) => runtime.ops.maxPool2x2(x);
      return [pool(x), runtime.tf.grad(pool)(x, dy)];
    }, [goldenTensor(runtime, "pool/x"), goldenTensor(runtime, "pool/dy")]);
    assertEqual(y, "pool/y", 0);
    assertEqual(dx, "pool/dx", 0);
  });
});

nativeTest("relu lets a gradient pass where its input is positive, and nowhere else", (runtime) => {
  eachWay(runtime, (run) => {
    const x = runtime.tf.tensor1d([-2, -0, 0, 3]);
    const dy = runtime.tf.tensor1d([5, 6, 7, 8]);
    const relu = (x: Tensor) => runtime.ops.relu(x);
    const [y, dx] = run((x, dy) => [relu(x), runtime.tf.grad(relu)(x, dy)], [x, dy]);
    assert.deepEqual([...y.dataSync()].map(Math.abs), [0, 0, 0, 3]);
    assert.deepEqual([...dx.dataSync()].map(Math.abs), [0, 0, 0, 8]);
  });
});

nativeTest("all 256 bytes are scaled to the float32 that PyTorch's division gives", (runtime) => {
  eachWay(runtime, (run) => {
    const bytes = runtime.bytes([256], Uint8Array.from({ length: 256 }, (_, i) => i));
    const [scaled] = run((x) => [runtime.ops.scaleImages(x)], [bytes]);
    assert.equal(scaled.dtype, "float32");
    assertEqual(scaled, "images", 0);
  });
});

nativeTest("images held as int32 are scaled alike", (runtime) => {
  runtime.tf.tidy(() => {
    const images = runtime.tf.range(0, 256, 1, "int32");
    assertEqual(runtime.ops.scaleImages(images), "images", 0);
  });
});

/** Ten updates with the golden gradients, and learning rate 0.01 / t at step t. */
function tenSteps(
  runtime: Runtime,
  name: string,
  update: (parameter: Variable, states: Variable[], args: Tensor[]) => void,
): void {
  const { tf } = runtime;
  const { shape, values } = golden(`${name}/gradients`);
  const size = shape[1];
  const parameter = variableOf(runtime, `${name}/initial`);
  const states = [0, 1].map((i) => runtime.variable(`state ${i}`, [size], new Float32Array(size)));
  const step = runtime.step("update", (...args) => {
    update(parameter, states, args);
    return [parameter.read()];
  });
  const found: number[] = [];
  for (let t = 1; t <= 10; t++) {
    tf.tidy(() => {
      const gradient = tf.tensor1d(values.slice((t - 1) * size, t * size));
      const scalars = [0.01 / t, 0.9 ** t, 0.999 ** t].map((value) => tf.scalar(value));
      const [result] = step.run(gradient, ...scalars);
      found.push(...result.dataSync());
    });
  }
  assertEqual(found, `${name}/values`);
  [parameter, ...states, step].forEach((owner) => owner.dispose());
}

for (const epsilon of [1e-8, 1e-2]) {
  const name = `adam ${epsilon === 1e-8 ? "1e-8" : "1e-2"}`;
  nativeTest(`ten steps of Adam with epsilon ${epsilon} equal PyTorch's`, (runtime) => {
    tenSteps(runtime, name, (parameter, [first, second], [gradient, ...scalars]) => {
      const [learningRate, beta1Power, beta2Power] = scalars;
      runtime.ops.applyAdam(parameter, { first, second }, gradient, {
        learningRate,
        beta1: 0.9,
        beta2: 0.999,
        epsilon,
        beta1Power,
        beta2Power,
      });
    });
  });
}

nativeTest("ten steps of momentum with a falling learning rate equal PyTorch's", (runtime) => {
  tenSteps(
    runtime,
    "momentum",
    (parameter, [velocity], [gradient, learningRate]) =>
      runtime.ops.applyMomentum(parameter, velocity, gradient, { learningRate, momentum: 0.9 }),
  );
});
