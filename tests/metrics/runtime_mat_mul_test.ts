import assert from "node:assert/strict";
import { matMul } from "../../lib/metrics/mat_mul.ts";
import { runtimeMatMul } from "../../lib/metrics/runtime_mat_mul.ts";
import { RandomSource } from "../../lib/random/random.ts";
import { openRuntime } from "../../lib/tensorflow/open.ts";
import { largestDifference } from "./hashed_data.ts";

Deno.test("the backend's product equals ours and leaves no tensor behind", async () => {
  const runtime = await openRuntime({ backend: "wasm" });
  try {
    const stream = new RandomSource(1).stream("backend product");
    const shape = { m: 5, k: 40, n: 7 };
    const a = Float32Array.from({ length: shape.m * shape.k }, () => stream.normal());
    const b = Float32Array.from({ length: shape.n * shape.k }, () => stream.normal());
    const tensors = runtime.tf.memory().numTensors;
    const product = await runtimeMatMul(runtime)(a, b, shape);
    assert.ok(largestDifference(product, matMul(a, b, shape)) < 1e-5);
    assert.equal(runtime.tf.memory().numTensors, tensors);
  } finally {
    runtime.close();
  }
});
