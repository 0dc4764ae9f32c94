/**
 * Nearest neighbours in the activations of several layers at once, in bounded memory: activations
 * of a large layer for a whole data set need not fit, and every image passes the network once for
 * all layers. Letters: N bank images, M queries, F width of a flattened layer.
 *
 * @module
 */
import { vote } from "../../metrics/knn.ts";
import type { MatMul } from "../../metrics/matrix.ts";
import { NeighbourSearch } from "../../metrics/neighbours.ts";
import { layerActivations } from "./activations.ts";
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
  /**
   * Bytes of query activations held at a time; those of the bank take a quarter as much, or one
   * pass of the network. @default {512 MiB}
   */
  readonly budgetBytes?: number;
}

const DEFAULT_BUDGET_BYTES = 512 * 2 ** 20;
const BYTES_PER_VALUE = 4;
/** Bytes of bank activations held at a time, of those of the queries. */
const BANK_SHARE = 1 / 4;
/** The bank is read in multiples of this many images, which an embedder's passes divide. */
const PASS_IMAGES = 256;

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
  const { budgetBytes = DEFAULT_BUDGET_BYTES } = options;
  const bytes = await bytesPerImage(embedder, question);
  const chunk = Math.max(1, Math.min(queries.count, Math.floor(budgetBytes / bytes)));
  const passes = Math.max(1, Math.floor(budgetBytes * BANK_SHARE / bytes / PASS_IMAGES));
  const bankRows = passes * PASS_IMAGES;
  for (let start = 0; start < queries.count; start += chunk) {
    const count = Math.min(chunk, queries.count - start);
    const found = await searchChunk(embedder, question, options, { start, count, bankRows });
    for (const [layer, labels] of found) predictions.get(layer)!.set(labels, start);
  }
  return predictions;
}

/** The bytes of an image's activations in all layers. */
async function bytesPerImage(
  embedder: Embedder,
  { layers, bank }: LayerQuestion,
): Promise<number> {
  const one = await embedder.blocks(slice(bank, 0, 1), layers).next();
  const widths = [...one.value!.activations.values()].map((values) => values.length);
  return widths.reduce((sum, width) => sum + width, 0) * BYTES_PER_VALUE;
}

/** Some queries, and how many rows of the bank they are compared with at a time. */
interface Chunk {
  readonly start: number;
  readonly count: number;
  readonly bankRows: number;
}

async function searchChunk(
  embedder: Embedder,
  { layers, bank, bankLabels, queries, leaveOneOut }: LayerQuestion,
  { neighbours, matMul }: LayerSearchOptions,
  { start, count, bankRows }: Chunk,
): Promise<ReadonlyMap<string, Int32Array>> {
  const leftOut = leaveOneOut
    ? Int32Array.from({ length: count }, (_, row) => start + row)
    : undefined;
  const rows = await layerActivations(embedder, slice(queries, start, count), layers);
  const searches = new Map([...rows].map(([layer, values]) => [
    layer,
    new NeighbourSearch(values, { neighbours, leftOut, matMul }),
  ]));
  // Many rows at a time: the first of a search are all candidates, to be measured exactly.
  for (let first = 0; first < bank.count; first += bankRows) {
    const part = slice(bank, first, Math.min(bankRows, bank.count - first));
    for (const [layer, values] of await layerActivations(embedder, part, layers)) {
      await searches.get(layer)!.add(values);
    }
  }
  return new Map(
    [...searches].map(([layer, search]) => [layer, vote(search.result(), bankLabels)]),
  );
}

function slice(images: ImageSource, first: number, count: number): ImageSource {
  return { ...images, count, read: (start, length) => images.read(first + start, length) };
}
