/**
 * Nearest neighbours in the activations of several layers at once, in bounded memory: activations
 * of a large layer for a whole data set need not fit, and every image passes the network once for
 * all layers. Letters: N bank images, M queries, F width of a flattened layer.
 *
 * @module
 */
import { vote } from "../../metrics/knn.ts";
import { type MatMul, matrix } from "../../metrics/matrix.ts";
import { NeighbourSearch } from "../../metrics/neighbours.ts";
import type { Embedder } from "./embed.ts";
import type { ImageSource } from "./images.ts";

/** What is searched. */
export interface LayerQuestion {
  readonly layers: readonly string[];
  readonly bank: ImageSource;
  /** [N] */
  readonly bankLabels: Int32Array;
  readonly queries: ImageSource;
  /** Whether queries and bank are the same images and a query's own row is no neighbour. */
  readonly leaveOneOut: boolean;
}

/** Settings of {@link predictByNeighbours}. */
export interface LayerSearchOptions {
  /** K */
  readonly neighbours: number;
  readonly matMul: MatMul;
  /** Bytes of query activations held at a time. @default {512 MiB} */
  readonly budgetBytes?: number;
}

const DEFAULT_BUDGET_BYTES = 512 * 2 ** 20;
const BYTES_PER_VALUE = 4;

/**
 * Predicts a label for each query from its K nearest bank images, layer by layer.
 *
 * @returns For each layer the predicted labels, [M].
 */
export async function predictByNeighbours(
  embedder: Embedder,
  question: LayerQuestion,
  options: LayerSearchOptions,
): Promise<ReadonlyMap<string, Int32Array>> {
  const { layers, queries } = question;
  const predictions = new Map(layers.map((layer) => [layer, new Int32Array(queries.count)]));
  const chunk = await chunkRows(embedder, question, options.budgetBytes ?? DEFAULT_BUDGET_BYTES);
  for (let start = 0; start < queries.count; start += chunk) {
    const count = Math.min(chunk, queries.count - start);
    const found = await searchChunk(embedder, question, options, start, count);
    for (const [layer, labels] of found) predictions.get(layer)!.set(labels, start);
  }
  return predictions;
}

/** How many queries' activations of all layers fit into the budget, at least one. */
async function chunkRows(
  embedder: Embedder,
  { layers, bank, queries }: LayerQuestion,
  budgetBytes: number,
): Promise<number> {
  const one = await embedder.blocks(slice(bank, 0, 1), layers).next();
  const widths = [...one.value!.activations.values()].map((values) => values.length);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const fits = Math.floor(budgetBytes / (total * BYTES_PER_VALUE));
  return Math.max(1, Math.min(queries.count, fits));
}

async function searchChunk(
  embedder: Embedder,
  { layers, bank, bankLabels, queries, leaveOneOut }: LayerQuestion,
  { neighbours, matMul }: LayerSearchOptions,
  start: number,
  count: number,
): Promise<ReadonlyMap<string, Int32Array>> {
  const leftOut = leaveOneOut
    ? Int32Array.from({ length: count }, (_, row) => start + row)
    : undefined;
  const activations = await collect(embedder, slice(queries, start, count), layers);
  const searches = new Map([...activations].map(([layer, values]) => [
    layer,
    new NeighbourSearch(matrix(values, values.length / count), { neighbours, leftOut, matMul }),
  ]));
  for await (const block of embedder.blocks(bank, layers)) {
    for (const [layer, values] of block.activations) {
      await searches.get(layer)!.add(matrix(values, values.length / block.count));
    }
  }
  return new Map(
    [...searches].map(([layer, search]) => [layer, vote(search.result(), bankLabels)]),
  );
}

/** The activations of all images, [count, F] for each layer. */
async function collect(
  embedder: Embedder,
  images: ImageSource,
  layers: readonly string[],
): Promise<Map<string, Float32Array>> {
  const all = new Map<string, Float32Array>();
  for await (const { start, count, activations } of embedder.blocks(images, layers)) {
    for (const [layer, values] of activations) {
      const width = values.length / count;
      if (start === 0) all.set(layer, new Float32Array(images.count * width));
      all.get(layer)!.set(values, start * width);
    }
  }
  return all;
}

function slice(images: ImageSource, first: number, count: number): ImageSource {
  return { ...images, count, read: (start, length) => images.read(first + start, length) };
}
