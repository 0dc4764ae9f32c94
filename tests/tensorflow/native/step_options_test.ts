import assert from "node:assert/strict";
import { StepOptionChecks } from "../../../lib/tensorflow/native/step_options.ts";
import type { Runtime, Tensor } from "../../../lib/tensorflow/runtime.ts";
import { nativeTest, takesBfloat16 } from "../native_library.ts";

/** oneDNN's kernels in bfloat16 need AVX-512, or AMX, which comes with it. */
const HAS_AVX512 = /\bavx512f\b/.test(
  await Deno.readTextFile("/proc/cpuinfo").catch(() => ""),
);
const LIMIT = Deno.env.get("ONEDNN_MAX_CPU_ISA") ?? "";

nativeTest(
  "steps in bfloat16 are taken where the processor has it, within oneDNN's limit",
  (runtime) => {
    if (runtime.info.device.startsWith("GPU")) return;
    assert.equal(takesBfloat16(runtime), HAS_AVX512 && !/^(AVX2|AVX$|SSE41)/.test(LIMIT));
  },
);

nativeTest("steps compiled by XLA are taken on CPUs", (runtime) => {
  const x = runtime.tf.tensor1d([1, 2]);
  const step = runtime.step("double", (x) => [x.mul(2)], { xla: true });
  const [y] = step.run(x);
  assert.deepEqual([...y.dataSync()], [2, 4]);
  step.dispose();
  runtime.tf.dispose([x, y]);
});

nativeTest("finding out leaves no tensor behind, and is done once", (runtime) => {
  takesBfloat16(runtime);
  const { numTensors } = runtime.tf.memory();
  let made = 0;
  const checks = new StepOptionChecks(runtime, (...step) => {
    made++;
    return runtime.step(...step);
  });
  for (let i = 0; i < 3; i++) checks.require("asked", { xla: true });
  assert.equal(made, 2);
  assert.equal(runtime.tf.memory().numTensors, numTensors);
});

/** Checks on a device whose steps with options are off by a relative error, or fail. */
function checksOn(runtime: Runtime, distort: (y: Tensor) => Tensor): StepOptionChecks {
  return new StepOptionChecks(
    runtime,
    (name, body, options = {}) =>
      runtime.step(name, (...args) => {
        const results = body(...args);
        return Object.keys(options).length === 0 ? results : results.map(distort);
      }),
  );
}

nativeTest("a device that computes in float32 what was asked in bfloat16 is told so", (runtime) => {
  const checks = checksOn(runtime, (y) => y);
  assert.throws(
    () => checks.require("train", { precision: "bfloat16" }),
    /^Error: Cannot run the step train in bfloat16 .* a trial comes out in float32\. Set `precision: float32`$/,
  );
  checks.require("train", { xla: true });
  checks.require("train", { precision: "float32", xla: false });
});

nativeTest("a device that rounds to eight bits serves bfloat16, and not XLA", (runtime) => {
  const checks = checksOn(runtime, (y) => y.mul(1 + 2 ** -9));
  checks.require("train", { precision: "bfloat16" });
  assert.throws(
    () => checks.require("train", { xla: true }),
    /step train compiled by XLA .* a trial is off by 0\.0019\d*\. Set `xla: false`$/,
  );
});

nativeTest("a device that computes something else, or fails, serves neither", (runtime) => {
  const wrong = checksOn(runtime, (y) => y.mul(NaN));
  assert.throws(() => wrong.require("train", { precision: "bfloat16" }), /a trial is off by NaN/);
  assert.throws(() => wrong.require("train", { xla: true }), /a trial is off by NaN/);
  const fails = checksOn(runtime, () => {
    throw new Error("no such kernel");
  });
  for (const options of [{ xla: true }, { precision: "bfloat16" }] as const) {
    assert.throws(() => fails.require("train", options), (error: Error) => {
      assert.match(error.message, /a trial fails\. Set/);
      assert.match((error.cause as Error).message, /no such kernel/);
      return true;
    });
  }
});
