/**
 * How well a network fits labels: the fraction that it predicts in evaluation mode.
 *
 * @module
 */
import { OUTPUT } from "../../tables/layer_names.ts";
import type { Runtime, Tensor } from "../../tensorflow/runtime.ts";
import { paddedBatch } from "./embed.ts";
import type { ImageSource } from "./images.ts";
import type { Network } from "./network.ts";

/** Measures the fit of a network with its parameters as they are at the time. */
export interface FitMeter {
  /**
   * Fraction of images whose largest output is that of their label.
   *
   * @param labels One an image, in [0, C).
   */
  measure(images: ImageSource, labels: Int32Array): Promise<number>;
  /** Frees the recording. */
  dispose(): void;
}

/** No class: what padding is labelled. */
const NONE = -1;

/** Makes a fit meter; `batchSize` is the number of images a pass. */
export function createFitMeter(
  runtime: Runtime,
  network: Network,
  { batchSize }: { batchSize: number },
): FitMeter {
  const { tf } = runtime;
  const step = runtime.step("fit", (bytes, labels, sum) => {
    const [outputs] = network.forwardLayers(runtime.ops.scaleImages(bytes), [OUTPUT]);
    const correct = tf.equal(tf.argMax(outputs, 1), labels);
    return [tf.add(sum, tf.sum(tf.cast(correct, "float32")))];
  });
  return {
    async measure(images, labels) {
      const [height, width, channels] = images.shape;
      let sum: Tensor = tf.scalar(0);
      for (let start = 0; start < images.count; start += batchSize) {
        const count = Math.min(batchSize, images.count - start);
        const batch = await paddedBatch(images, start, count, batchSize);
        const padded = new Int32Array(batchSize).fill(NONE);
        padded.set(labels.subarray(start, start + count));
        const inputs = [
          runtime.bytes([batchSize, height, width, channels], batch),
          tf.tensor1d(padded, "int32"),
          sum,
        ];
        [sum] = await step.runAsync(...inputs);
        inputs.forEach((input) => input.dispose());
      }
      const [correct] = await sum.data();
      sum.dispose();
      return correct / images.count;
    },
    dispose: () => step.dispose(),
  };
}
