import assert from "node:assert/strict";
import { onlineWorkers } from "../../../lib/nn/training/online_workers.ts";
import type { RuntimeInfo } from "../../../lib/tensorflow/runtime.ts";

const cpu: RuntimeInfo = { backend: "tensorflow", device: "CPU: x", threads: 1, versions: {} };
const gpu: RuntimeInfo = { ...cpu, device: "GPU: y" };

Deno.test("on a CPU workers stay within the slots, the driving thread included", () => {
  assert.deepEqual([1, 2, 4].map((threads) => onlineWorkers({ ...cpu, threads }, 64)), [0, 1, 3]);
});

Deno.test("on a GPU workers take the cores, however many slots there are", () => {
  assert.deepEqual([1, 2, 4].map((cores) => onlineWorkers(gpu, cores)), [0, 1, 3]);
});

Deno.test("more workers than the fastest step can use are never started", () => {
  assert.equal(onlineWorkers({ ...cpu, threads: 64 }, 64), 4);
  assert.equal(onlineWorkers(gpu, 128), 4);
});
