import assert from "node:assert/strict";
import { findWebGpuAdapter, watchDevice } from "../../../lib/tensorflow/portable/webgpu.ts";

/** A navigator.gpu whose one adapter describes itself so. */
function fakeGpu(info: Partial<GPUAdapterInfo>): Pick<GPU, "requestAdapter"> {
  const adapter = { info: { description: "", vendor: "", isFallbackAdapter: false, ...info } };
  return { requestAdapter: () => Promise.resolve(adapter as GPUAdapter) };
}

Deno.test("software renderers are told from graphics cards by name or by their own word", async () => {
  const isSoftware = async (info: Partial<GPUAdapterInfo>) =>
    (await findWebGpuAdapter(fakeGpu(info)))?.isSoftware;
  assert.equal(await isSoftware({ description: "llvmpipe (LLVM 15.0.6, 256 bits)" }), true);
  assert.equal(await isSoftware({ description: "SwiftShader Device (Subzero)" }), true);
  assert.equal(await isSoftware({ description: "Microsoft Basic Render Driver" }), true);
  assert.equal(await isSoftware({ description: "anything", isFallbackAdapter: true }), true);
  assert.equal(await isSoftware({ description: "NVIDIA GeForce RTX 4090" }), false);
  assert.equal(await isSoftware({ description: "Apple M2" }), false);
});

Deno.test("an adapter without a description is named by its vendor", async () => {
  assert.equal((await findWebGpuAdapter(fakeGpu({ vendor: "4318" })))?.description, "vendor 4318");
});

Deno.test("without WebGPU or without an adapter there is none", async () => {
  assert.equal(await findWebGpuAdapter({ requestAdapter: () => Promise.resolve(null) }), null);
});

/** A device whose errors the test raises. */
function fakeDevice() {
  const { promise: lost, resolve: lose } = Promise.withResolvers<Record<string, string>>();
  const device = Object.assign(new EventTarget(), { lost });
  const fail = (message: string) =>
    device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error: { message } }));
  return { device: device as unknown as GPUDevice, fail, lose };
}

Deno.test("a device's error is thrown at the next check, the first one first", () => {
  const { device, fail } = fakeDevice();
  const check = watchDevice(device);
  check();
  fail("out of memory");
  fail("invalid buffer");
  assert.throws(check, /as the graphics device must not fail: out of memory\. If memory ran out/);
});

Deno.test("a lost device is an error, one that was closed is not", async () => {
  const broken = fakeDevice(), closed = fakeDevice();
  const [checkBroken, checkClosed] = [watchDevice(broken.device), watchDevice(closed.device)];
  broken.lose({ reason: "unknown", message: "the driver crashed" });
  closed.lose({ reason: "destroyed", message: "" });
  await Promise.resolve();
  assert.throws(checkBroken, /the graphics device was lost: the driver crashed/);
  checkClosed();
});
