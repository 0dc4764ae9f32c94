import assert from "node:assert/strict";
import { openPortable } from "../../../lib/tensorflow/portable/runtime.ts";
import { compareWithReference } from "../../../lib/tensorflow/doctor/reference_network.ts";
import { findWebGpuAdapter } from "../../../lib/tensorflow/portable/webgpu.ts";
import { testPortableBackend } from "./cases.ts";

const adapter = await findWebGpuAdapter();
const ignore = adapter === null ? "there is no graphics adapter" : null;

testPortableBackend(() => openPortable("webgpu"), { ignore });

Deno.test({
  name: "WebGPU says what it is and computes the reference network",
  ignore: ignore !== null,
  fn: async () => {
    const runtime = await openPortable("webgpu");
    assert.equal(runtime.info.backend, "webgpu");
    assert.match(runtime.info.device, adapter!.isSoftware ? /^CPU: / : /^GPU: /);
    const { loss, slope } = await compareWithReference(runtime);
    assert.ok(loss < 1e-4 && slope < 1e-4, `${loss} ${slope}`);
  },
});
