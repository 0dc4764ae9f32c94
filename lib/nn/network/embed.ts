/**
 * Evaluation-mode passes over any number of images, in batches of one shape, so that one
 * recording serves all of them. Letters: H rows, W columns, D width of the embedding, F width of a
 * flattened layer.
 *
 * @module
 */
import { EMBEDDING } from "../../tables/layer_names.ts";
import type { Runtime, Step } from "../../tensorflow/runtime.ts";
import { bytesPerImage, type ImageSource } from "./images.ts";
import type { Network } from "./network.ts";

/** The activations of a run of images. */
export interface LayerBlock {
  /** The place of the first image. */
  readonly start: number;
  readonly count: number;
  /** For each layer asked for, its flattened activations [count,F]. */
  readonly activations: ReadonlyMap<string, Float32Array>;
}

/** Recorded evaluation passes of a network; they use the parameters as they are at the time. */
export interface Embedder extends Disposable {
  /** Embeddings [count,D], not normalised. */
  embed(images: ImageSource): Promise<Float32Array>;
  /**
   * Flattened activations of layers, block by block, so that they need not fit into memory.
   *
   * @param layers Names from {@link Network.layers}.
   */
  blocks(images: ImageSource, layers: readonly string[]): AsyncGenerator<LayerBlock>;
  /** Frees the recordings; the network stays. */
  dispose(): void;
}

/**
 * Makes an embedder.
 *
 * @param options `batchSize`: images a pass; a larger one is faster and needs more memory.
 */
export function createEmbedder(
  runtime: Runtime,
  network: Network,
  options: { batchSize?: number } = {},
): Embedder {
  const { batchSize = 256 } = options;
  const steps = new Map<string, Step>();

  function stepFor(layers: readonly string[]): Step {
    const key = layers.join();
    const made = steps.get(key) ?? runtime.step("embed", (bytes) => {
      const outputs = network.forwardLayers(runtime.ops.scaleImages(bytes), layers);
      return outputs.map((output) => runtime.tf.reshape(output, [batchSize, -1]));
    });
    steps.set(key, made);
    return made;
  }

  async function* blocks(images: ImageSource, layers: readonly string[]) {
    const step = stepFor(layers);
    const [height, width, channels] = images.shape;
    for (let start = 0; start < images.count; start += batchSize) {
      const count = Math.min(batchSize, images.count - start);
      const batch = await paddedBatch(images, start, count, batchSize);
      const input = runtime.bytes([batchSize, height, width, channels], batch);
      const outputs = await step.runAsync(input);
      input.dispose();
      const values = await Promise.all(outputs.map((output) => output.data<"float32">()));
      outputs.forEach((output) => output.dispose());
      const activations = new Map(layers.map((layer, i) => {
        const features = values[i].length / batchSize;
        return [layer, values[i].subarray(0, count * features)];
      }));
      yield { start, count, activations };
    }
  }

  const dispose = () => {
    for (const step of steps.values()) step.dispose();
    steps.clear();
  };
  return {
    blocks,
    async embed(images) {
      let embeddings = new Float32Array(0);
      for await (const { start, count, activations } of blocks(images, [EMBEDDING])) {
        const block = activations.get(EMBEDDING)!;
        const features = block.length / count;
        if (start === 0) embeddings = new Float32Array(images.count * features);
        embeddings.set(block, start * features);
      }
      return embeddings;
    },
    dispose,
    [Symbol.dispose]: dispose,
  };
}

/** Images `start` to `start + count - 1`, and zeros up to `batchSize` images. */
export async function paddedBatch(
  images: ImageSource,
  start: number,
  count: number,
  batchSize: number,
): Promise<Uint8Array> {
  const values = await images.read(start, count);
  if (count === batchSize) return values;
  const padded = new Uint8Array(batchSize * bytesPerImage(images.shape));
  padded.set(values);
  return padded;
}
