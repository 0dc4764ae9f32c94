import { strict as assert } from "node:assert";
import type { Binding } from "../../../lib/tensorflow/native/binding.ts";
import type { Runtime, StepOptions, Tensor } from "../../../lib/tensorflow/runtime.ts";
import { nativeTest, takesBfloat16 } from "../native_library.ts";

const binding = (runtime: Runtime) =>
  (runtime.tf.backend() as unknown as { binding: Binding }).binding;

/** Tensors of TensorFlow.js and handles of the library. */
const alive = (runtime: Runtime) => [
  runtime.tf.memory().numTensors,
  binding(runtime).getNumOfTensors(),
];

/** Values reach the library with the first operation on them. */
const upload = ({ tf }: Runtime, tensor: Tensor) => tf.dispose(tf.neg(tensor));

/** A regression by one hidden layer with Adam: what a training step is made of. */
function smallTraining(runtime: Runtime) {
  const { tf, ops } = runtime;
  const wave = (size: number) =>
    Float32Array.from({ length: size }, (_, i) => Math.sin(3 * i + 1) / 3);
  const variable = (name: string, shape: number[], values: Float32Array) =>
    runtime.variable(name, shape, values);
  const weights = [variable("w1", [6, 8], wave(48)), variable("w2", [8, 2], wave(16))];
  const moments = weights.map(({ name, shape }) => {
    const zeros = new Float32Array(shape[0] * shape[1]);
    return {
      first: variable(`${name}/first`, [...shape], zeros),
      second: variable(`${name}/second`, [...shape], zeros),
    };
  });
  const body = (
    x: Tensor,
    y: Tensor,
    learningRate: Tensor,
    beta1Power: Tensor,
    beta2Power: Tensor,
  ) => {
    const { value, grads } = tf.valueAndGrads((w1: Tensor, w2: Tensor) => {
      const hidden = ops.relu(tf.matMul(x as never, w1 as never));
      return tf.losses.meanSquaredError(y, tf.matMul(hidden as never, w2 as never)) as Tensor;
    })(weights.map((weight) => weight.read()));
    const rate = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, beta1Power, beta2Power };
    grads.forEach((gradient, i) => ops.applyAdam(weights[i], moments[i], gradient, rate));
    return [value];
  };
  const data = (
    rows: number,
  ) => [tf.tensor(wave(6 * rows), [rows, 6]), tf.tensor(wave(2 * rows), [rows, 2])];
  const scalars = (t: number) => [0.01, 0.9 ** t, 0.999 ** t].map((value) => tf.scalar(value));
  const dispose = () =>
    [...weights, ...moments.flatMap((m) => [m.first, m.second])].forEach((v) => v.dispose());
  return { weights, body, data, scalars, dispose };
}

function losses(
  runtime: Runtime,
  steps: number,
  recorded: boolean,
  options: StepOptions = {},
): number[] {
  const training = smallTraining(runtime);
  const step = runtime.step("train", training.body as (...args: Tensor[]) => Tensor[], options);
  const data = training.data(5);
  const found = Array.from({ length: steps }, (_, i) => {
    const scalars = training.scalars(i + 1);
    const args = [...data, ...scalars] as Parameters<typeof training.body>;
    const [loss] = recorded ? step.run(...args) : runtime.tf.tidy(() => training.body(...args));
    const [value] = loss.dataSync();
    runtime.tf.dispose([loss, ...scalars]);
    return value;
  });
  runtime.tf.dispose(data);
  step.dispose();
  training.dispose();
  return found;
}

nativeTest("a recorded step trains as its function does when it runs op by op", (runtime) => {
  const expected = losses(runtime, 25, false);
  const actual = losses(runtime, 25, true);
  assert.ok(
    expected[24] < 0.5 * expected[0],
    `the loss should fall: ${expected[0]}, ${expected[24]}`,
  );
  actual.forEach((loss, i) => assert.ok(Math.abs(loss - expected[i]) < 1e-6, `step ${i}`));
});

nativeTest("a step compiled by XLA trains alike", (runtime) => {
  const expected = losses(runtime, 5, true);
  losses(runtime, 5, true, { xla: true }).forEach((loss, i) =>
    assert.ok(Math.abs(loss - expected[i]) < 1e-5)
  );
});

nativeTest("a step in bfloat16 trains alike, to the precision of its eight bits", (runtime) => {
  if (!takesBfloat16(runtime)) return;
  const expected = losses(runtime, 25, true);
  losses(runtime, 25, true, { precision: "bfloat16" }).forEach((loss, i) =>
    assert.ok(
      Math.abs(loss - expected[i]) < 0.03 * expected[0],
      `step ${i}: ${loss}, ${expected[i]}`,
    )
  );
});

nativeTest("thousands of steps leave no tensor, no handle and no memory behind", (runtime) => {
  const training = smallTraining(runtime);
  const step = runtime.step("train", training.body as (...args: Tensor[]) => Tensor[]);
  const data = training.data(5);
  const run = (count: number) => {
    for (let t = 1; t <= count; t++) {
      const scalars = training.scalars(t);
      const results = step.run(...data, ...scalars);
      results[0].dataSync();
      runtime.tf.dispose([...results, ...scalars]);
    }
  };
  // Until here V8's own heap, and the code that it compiles, still grow.
  run(4500);
  const before = alive(runtime), rssBefore = Deno.memoryUsage().rss;
  run(4000);
  assert.deepEqual(alive(runtime), before);
  // A leaked 8x6 tensor a step would be 4000 * (48 floats + about 200 bytes) * 6 > 10 MB.
  const grown = (Deno.memoryUsage().rss - rssBefore) / 1e6;
  assert.ok(grown < 10, `resident memory grew by ${grown.toFixed(1)} MB`);
  runtime.tf.dispose(data);
  step.dispose();
  training.dispose();
});

nativeTest("everything a step held is freed when it is disposed", (runtime) => {
  const before = alive(runtime);
  losses(runtime, 3, true);
  assert.deepEqual(alive(runtime), before);
});

nativeTest("the function runs once for each tuple of shapes and types", (runtime) => {
  const { tf } = runtime;
  let calls = 0;
  const step = runtime.step("count", (x) => (calls++, [x.mul(2)]));
  tf.tidy(() => {
    const value = (x: Tensor) => [...step.run(x)[0].dataSync()];
    assert.deepEqual(value(tf.tensor1d([1, 2])), [2, 4]);
    assert.deepEqual(value(tf.tensor1d([3, 4])), [6, 8]);
    assert.equal(calls, 1);
    assert.deepEqual(value(tf.tensor1d([1, 2, 3])), [2, 4, 6]);
    assert.deepEqual(value(tf.tensor1d([5, 6], "int32")), [10, 12]);
    assert.equal(calls, 3);
  });
  step.dispose();
});

nativeTest("reads and assignments inside a step keep their order", (runtime) => {
  const { tf } = runtime;
  const variable = runtime.variable("v", [2], Float32Array.of(1, 2));
  const step = runtime.step("order", (x) => {
    const before = variable.read();
    variable.assign(before.add(x));
    const between = variable.read();
    variable.assign(between.mul(10));
    return [before, between, variable.read()];
  });
  tf.tidy(() => {
    const values = (results: Tensor[]) => results.map((result) => [...result.dataSync()]);
    assert.deepEqual(values(step.run(tf.tensor1d([1, 1]))), [[1, 2], [2, 3], [20, 30]]);
    assert.deepEqual(values(step.run(tf.tensor1d([1, 1]))), [[20, 30], [21, 31], [210, 310]]);
  });
  step.dispose();
  variable.dispose();
});

nativeTest(
  "an update runs although no result needs it, and a step may have no result",
  async (runtime) => {
    const variable = runtime.variable("v", [1], Float32Array.of(1));
    const step = runtime.step("update", () => {
      variable.assign(variable.read().mul(3));
      return [];
    });
    assert.deepEqual(step.run(), []);
    assert.deepEqual(await step.runAsync(), []);
    assert.deepEqual([...await variable.data()], [9]);
    step.dispose();
    variable.dispose();
  },
);

nativeTest("a step that only reads sees what was set since it was recorded", (runtime) => {
  const { tf } = runtime;
  const variable = runtime.variable("v", [1], Float32Array.of(1));
  const step = runtime.step("evaluate", (x) => [x.mul(variable.read())]);
  tf.tidy(() => {
    const x = tf.tensor1d([5]);
    assert.equal(step.run(x)[0].dataSync()[0], 5);
    variable.set(Float32Array.of(7));
    assert.equal(step.run(x)[0].dataSync()[0], 35);
  });
  step.dispose();
  variable.dispose();
});

nativeTest("arguments may be returned, passed twice and disposed inside", (runtime) => {
  const { tf } = runtime;
  const step = runtime.step("same", (x, y) => {
    const sum = x.add(y);
    y.dispose();
    return [x, x, sum];
  });
  const x = tf.tensor1d([4]);
  const results = [...step.run(x, x), ...step.run(x, x)];
  assert.deepEqual(results.map((result) => result.dataSync()[0]), [4, 4, 8, 4, 4, 8]);
  tf.dispose(results);
  assert.equal(x.dataSync()[0], 4);
  x.dispose();
  step.dispose();
});

nativeTest("a step called in another step becomes a part of it", (runtime) => {
  const { tf } = runtime;
  const inner = runtime.step("inner", (x) => [x.add(1)]);
  const outer = runtime.step("outer", (x) => [inner.run(x)[0].mul(2)]);
  tf.tidy(() => assert.equal(outer.run(tf.scalar(3))[0].dataSync()[0], 8));
  outer.dispose();
});

nativeTest("tf.variableGrads works over variables made and disposed inside the step", (runtime) => {
  const { tf } = runtime;
  const weight = runtime.variable("w", [2], Float32Array.of(3, 4));
  const step = runtime.step("gradients", () => {
    const inside = tf.variable(weight.read(), true, "inside");
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(inside)));
    inside.dispose();
    return [value, grads.inside];
  });
  tf.tidy(() => {
    const [value, gradient] = step.run();
    assert.equal(value.dataSync()[0], 25);
    assert.deepEqual([...gradient.dataSync()], [6, 8]);
  });
  step.dispose();
  weight.dispose();
});

nativeTest("rows can be gathered inside a step by indices that are arguments", (runtime) => {
  const { tf } = runtime;
  const step = runtime.step("gather", (x, indices) => [tf.gather(x, indices as never)]);
  tf.tidy(() => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const rows = (
      ...indices: number[]
    ) => [...step.run(x, tf.tensor1d(indices, "int32"))[0].dataSync()];
    assert.deepEqual(rows(2, 0), [5, 6, 1, 2]);
    assert.deepEqual(rows(1, 1), [3, 4, 3, 4]);
    assert.throws(() => rows(1, 3), /indices\[1\] = 3 is not in \[0, 3\)/);
  });
  step.dispose();
});

nativeTest("runAsync lets timers fire while the step runs", async (runtime) => {
  const { tf } = runtime;
  const step = runtime.step("long", (x) => {
    let y = x;
    for (let i = 0; i < 30; i++) y = tf.matMul(y as never, x as never).mul(0.01);
    return [y.sum()];
  });
  const x = tf.fill([400, 400], 0.01);
  tf.dispose(step.run(x));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const result = await step.runAsync(x);
  clearInterval(timer);
  assert.ok(ticks >= 3, `${ticks} ticks`);
  tf.dispose([result, x]);
  step.dispose();
});

/** What a step may not do, and the error that says so. */
const REFUSED: readonly [string, (runtime: Runtime) => (x: Tensor) => Tensor[], RegExp][] = [
  [
    "read values",
    () => (x) => [x.mul(x.sum().dataSync()[0])],
    /its step is being recorded: return it/,
  ],
  [
    "use JavaScript's random numbers",
    ({ tf }) => (x) => [x.add(tf.randomNormal(x.shape))],
    /freezes a tensor of shape \[64,64\].*at most 1024 elements: current size is 4096/,
  ],
  [
    "make results whose shape depends on values",
    ({ tf }) => (x) => [tf.unique(x.flatten()).values],
    /the shape of its result depends on values/,
  ],
  [
    "leave a tf.Variable behind",
    ({ tf }) => (x) => [tf.variable(x, true, "left behind")],
    /tf.Variable left behind was made inside/,
  ],
  [
    "make a variable",
    (runtime) => (x) => (runtime.variable("v", [1], Float32Array.of(1)), [x]),
    /Cannot make the variable v as a step is being recorded/,
  ],
];

for (const [action, body, message] of REFUSED) {
  nativeTest(`a step that would ${action} is refused, and leaves nothing behind`, (runtime) => {
    const x = runtime.tf.tensor2d(Float32Array.from({ length: 4096 }, (_, i) => i), [64, 64]);
    upload(runtime, x);
    const before = alive(runtime);
    const step = runtime.step("refused", body(runtime));
    assert.throws(() => step.run(x), (error: Error) => {
      assert.match(
        error.message,
        /^Cannot record the step refused for float32\[64,64\] arguments: /,
      );
      assert.match(error.message, message);
      assert.ok(error.cause instanceof Error);
      return true;
    });
    assert.deepEqual(alive(runtime), before);
    assert.equal(binding(runtime).recorder, null);
    x.dispose();
  });
}

nativeTest(
  "a tf.Variable cannot be read in a step, and keeps its value if one assigns it",
  (runtime) => {
    const { tf } = runtime;
    const outside = tf.variable(tf.tensor1d([1, 2]), true, "outside");
    upload(runtime, outside);
    const before = alive(runtime);
    const reading = runtime.step("reading", () => [outside.mul(2)]);
    assert.throws(
      () => reading.run(),
      /reads the tf.Variable outside as its value would be frozen/,
    );
    const assigning = runtime.step("assigning", () => {
      outside.assign(tf.tensor1d([3, 4]).mul(tf.tensor1d([5, 6])));
      return [];
    });
    assert.throws(() => assigning.run(), /the tf.Variable outside was assigned/);
    assert.deepEqual([...outside.dataSync()], [1, 2]);
    assert.deepEqual(alive(runtime), before);
    outside.dispose();
  },
);

nativeTest(
  "an error thrown after an assignment leaves every variable as it was",
  async (runtime) => {
    const variable = runtime.variable("v", [1], Float32Array.of(1));
    const before = alive(runtime);
    const step = runtime.step("broken", (x) => {
      variable.assign(variable.read().add(x));
      throw new RangeError("thrown in the step");
    });
    const x = runtime.tf.tensor1d([1]);
    assert.throws(() => step.run(x), /Cannot record the step broken .*: thrown in the step/);
    assert.deepEqual([...await variable.data()], [1]);
    x.dispose();
    assert.deepEqual(alive(runtime), before);
    variable.dispose();
  },
);
