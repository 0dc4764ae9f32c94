import assert from "node:assert/strict";
import { openPortable } from "../../../lib/tensorflow/portable/runtime.ts";
import { compareWithReference } from "../../../lib/tensorflow/doctor/reference_network.ts";
import { assertClose } from "../ops_golden.ts";
import { testPortableBackend } from "./cases.ts";

testPortableBackend(() => openPortable("wasm"));

Deno.test("WASM says what it is and computes the reference network", async () => {
  const runtime = await openPortable("wasm");
  assert.deepEqual(
    [runtime.info.backend, runtime.info.threads, runtime.info.versions.tfjs],
    ["wasm", 1, runtime.tf.version_core],
  );
  assert.match(runtime.info.device, /^CPU: ./);
  const { loss, slope } = await compareWithReference(runtime);
  assert.ok(loss < 1e-5 && slope < 1e-5, `${loss} ${slope}`);
});

Deno.test("products with transposed matrices and their gradients are those of the definition", async () => {
  const { tf } = await openPortable("wasm");
  const value = (i: number) => Math.sin(1.7 * i);
  const a = tf.tensor2d(Float32Array.from({ length: 15 }, (_, i) => value(i)), [3, 5]);
  const b = tf.tensor2d(Float32Array.from({ length: 20 }, (_, i) => value(i + 3)), [5, 4]);
  const [aT, bT] = [tf.transpose(a), tf.transpose(b)];
  const expected = Float32Array.from({ length: 12 }, (_, i) => {
    const [row, column] = [Math.floor(i / 4), i % 4];
    let sum = 0;
    for (let k = 0; k < 5; k++) sum += value(row * 5 + k) * value(k * 4 + column + 3);
    return sum;
  });
  assertClose(await tf.matMul(a, b).data(), expected, 1e-6, "a b");
  assertClose(await tf.matMul(aT, b, true).data(), expected, 1e-6, "a' b");
  assertClose(await tf.matMul(a, bT, false, true).data(), expected, 1e-6, "a b'");
  assertClose(await tf.matMul(aT, bT, true, true).data(), expected, 1e-6, "a' b'");
  const stacked = tf.matMul(tf.stack([aT, aT]), tf.stack([b, b]), true);
  assertClose(await stacked.data(), [...expected, ...expected], 1e-6, "batches");
  const [da] = tf.grads((a, b) => tf.matMul(a, b))([a, b], tf.ones([3, 4]));
  const rowSums = await tf.sum(b, 1).data();
  assertClose(await da.data(), [...rowSums, ...rowSums, ...rowSums], 1e-5, "gradient");
});
