/** Views that a test makes. */
import { bytesPerImage, type ImageShape } from "../../lib/nn/network/images.ts";
import type { ViewSource } from "../../lib/nn/training/views.ts";

/** @param values [n,B,H,W,3] @param viewsPerSample B */
export function viewsInMemory(
  values: Uint8Array,
  shape: ImageShape,
  viewsPerSample: number,
): ViewSource {
  const size = bytesPerImage(shape);
  return {
    viewsPerSample,
    gather(samples, views, out) {
      for (let i = 0; i < samples.length; i++) {
        const start = (samples[i] * viewsPerSample + views[i]) * size;
        out.set(values.subarray(start, start + size), i * size);
      }
    },
  };
}
