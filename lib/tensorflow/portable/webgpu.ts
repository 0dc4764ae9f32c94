/**
 * Deno's WebGPU: which adapter there is, and errors of its device, which are not thrown by
 * themselves.
 *
 * @module
 */
import type { DeviceCheck } from "./variable.ts";

/** A graphics adapter. */
export interface WebGpuAdapter {
  /** In the words of its driver. */
  readonly description: string;
  /** Whether it computes on the CPU: right for tests, far too slow for training. */
  readonly isSoftware: boolean;
}

/** Names of software renderers: Mesa's, Google's, Microsoft's. */
const SOFTWARE = /llvmpipe|lavapipe|softpipe|swiftshader|basic render|software|\bcpu\b/i;

/** The adapter that WebGPU would use, or null where there is none. */
export async function findWebGpuAdapter(
  gpu: Pick<GPU, "requestAdapter"> | undefined = navigator.gpu,
): Promise<WebGpuAdapter | null> {
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return null;
  const { description, vendor, isFallbackAdapter } = adapter.info;
  const name = description || `vendor ${vendor}`;
  return { description: name, isSoftware: isFallbackAdapter || SOFTWARE.test(name) };
}

/** Remembers the first error of a device, so that it can be thrown where it can be handled. */
export function watchDevice(device: GPUDevice): DeviceCheck {
  let failure: Error | null = null;
  device.addEventListener("uncapturederror", (event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    failure ??= new Error(
      `Cannot go on computing as the graphics device must not fail: ${error.message}. ` +
        "If memory ran out, use a smaller batch.",
      { cause: error },
    );
  });
  device.lost.then(({ reason, message }) => {
    if (reason === "destroyed") return;
    failure ??= new Error(`Cannot go on computing as the graphics device was lost: ${message}`);
  });
  return () => {
    if (failure !== null) throw failure;
  };
}
