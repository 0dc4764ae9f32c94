import assert from "node:assert/strict";
import { wheelFor } from "../../../lib/tensorflow/install/wheels.ts";

Deno.test("each platform gets the wheel that TensorFlow publishes for it", () => {
  const named = (gpu: boolean, os: "linux" | "darwin" | "windows", arch: "x86_64" | "aarch64") => {
    const wheel = wheelFor(gpu, { os, arch });
    return wheel && `${wheel.distribution} ${wheel.platform}`;
  };
  assert.equal(named(false, "linux", "x86_64"), "tensorflow-cpu manylinux_2_27_x86_64");
  assert.equal(named(true, "linux", "x86_64"), "tensorflow manylinux_2_27_x86_64");
  assert.equal(named(false, "linux", "aarch64"), "tensorflow manylinux_2_27_aarch64");
  assert.equal(named(false, "darwin", "aarch64"), "tensorflow macosx_12_0_arm64");
});

Deno.test("where TensorFlow publishes no such build, there is none", () => {
  assert.equal(wheelFor(true, { os: "linux", arch: "aarch64" }), null);
  assert.equal(wheelFor(true, { os: "darwin", arch: "aarch64" }), null);
  assert.equal(wheelFor(false, { os: "darwin", arch: "x86_64" }), null);
  assert.equal(wheelFor(false, { os: "windows", arch: "x86_64" }), null);
});
