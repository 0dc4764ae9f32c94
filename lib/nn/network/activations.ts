/**
 * A layer's activations as a matrix, for the measures.
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
  let values = new Float32Array(0);
  for await (const { start, count, activations } of embedder.blocks(images, [layer])) {
    const block = activations.get(layer)!;
    const columns = block.length / count;
    if (start === 0) values = new Float32Array(images.count * columns);
    values.set(block, start * columns);
  }
  return matrix(values, values.length / images.count);
}
