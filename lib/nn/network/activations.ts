/**
 * The activations of layers as matrices, for the measures.
 *
 * @module
 */
import { type Matrix, matrix } from "../../metrics/matrix.ts";
import type { Embedder } from "./embed.ts";
import type { ImageSource } from "./images.ts";

/** The flattened activations of a layer, [N, D]. */
export async function activations(
  embedder: Embedder,
  images: ImageSource,
  layer: string,
): Promise<Matrix> {
  return (await layerActivations(embedder, images, [layer])).get(layer)!;
}

/** The flattened activations of layers, [N, D] each, of one pass of every image. */
export async function layerActivations(
  embedder: Embedder,
  images: ImageSource,
  layers: readonly string[],
): Promise<ReadonlyMap<string, Matrix>> {
  const all = new Map<string, Matrix>();
  for await (const { start, count, activations } of embedder.blocks(images, layers)) {
    for (const [layer, block] of activations) {
      const columns = block.length / count;
      if (start === 0) all.set(layer, matrix(new Float32Array(images.count * columns), columns));
      all.get(layer)!.values.set(block, start * columns);
    }
  }
  return all;
}
