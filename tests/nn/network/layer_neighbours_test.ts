import assert from "node:assert/strict";
import { knnProbe } from "../../../lib/metrics/knn.ts";
import { matMul } from "../../../lib/metrics/mat_mul.ts";
import { matrix } from "../../../lib/metrics/matrix.ts";
import type { Embedder } from "../../../lib/nn/network/embed.ts";
import { imagesInMemory, type ImageSource } from "../../../lib/nn/network/images.ts";
import { predictByNeighbours } from "../../../lib/nn/network/layer_neighbours.ts";
import { RandomSource } from "../../../lib/random/random.ts";

const random = new RandomSource(5);

function randomImages(purpose: string, count: number): ImageSource {
  const stream = random.stream(purpose);
  const values = Uint8Array.from({ length: count * 12 }, () => stream.integer(256));
  return imagesInMemory(values, [2, 2, 3]);
}

/** Two "layers" of different widths, computed from the pixels, in blocks of 7 images. */
function pixelEmbedder(): Embedder & { images: number } {
  const widths: Record<string, number> = { wide: 12, narrow: 3 };
  const embedder = {
    images: 0,
    async *blocks(images: ImageSource, layers: readonly string[]) {
      for (let start = 0; start < images.count; start += 7) {
        const count = Math.min(7, images.count - start);
        const pixels = await images.read(start, count);
        embedder.images += count;
        const activations = new Map(layers.map((layer) => {
          const width = widths[layer];
          const values = Float32Array.from(
            { length: count * width },
            (_, i) => pixels[Math.floor(i / width) * 12 + i % width] - 100,
          );
          return [layer, values] as const;
        }));
        yield { start, count, activations };
      }
    },
    embed: () => Promise.reject(new Error("not used")),
    dispose: () => {},
    [Symbol.dispose]: () => {},
  };
  return embedder;
}

/** The rows that the embedder makes of images. */
async function rowsOf(images: ImageSource, width: number) {
  const pixels = await images.read(0, images.count);
  const values = Float32Array.from(
    { length: images.count * width },
    (_, i) => pixels[Math.floor(i / width) * 12 + i % width] - 100,
  );
  return matrix(values, width);
}

const bank = randomImages("bank", 50);
const queries = randomImages("queries", 40);
const bankLabels = Int32Array.from({ length: 50 }, (_, i) => i * 7 % 5);

Deno.test("predictions by layer are those of the plain probe, in one chunk or in many", async () => {
  for (const budgetBytes of [2 ** 20, 200, 1]) {
    const found = await predictByNeighbours(pixelEmbedder(), {
      layers: ["wide", "narrow"],
      bank,
      bankLabels,
      queries,
      leaveOneOut: false,
    }, { neighbours: 9, matMul, budgetBytes });
    for (const [layer, width] of [["wide", 12], ["narrow", 3]] as const) {
      const { predictions } = await knnProbe({
        bank: await rowsOf(bank, width),
        bankLabels,
        queries: await rowsOf(queries, width),
        queryLabels: new Int32Array(40),
      }, { neighbours: 9, matMul });
      assert.deepEqual(found.get(layer), predictions, `${layer} within ${budgetBytes} bytes`);
    }
  }
});

Deno.test("with leave-one-out a query's own row is left out, whatever its chunk", async () => {
  const { predictions } = await knnProbe({
    bank: await rowsOf(bank, 12),
    bankLabels,
    queries: await rowsOf(bank, 12),
    queryLabels: bankLabels,
  }, { neighbours: 1, self: "exclude", matMul });
  for (const budgetBytes of [2 ** 20, 500]) {
    const question = { layers: ["wide"], bank, bankLabels, queries: bank, leaveOneOut: true };
    const options = { neighbours: 1, matMul, budgetBytes };
    const found = await predictByNeighbours(pixelEmbedder(), question, options);
    assert.deepEqual(found.get("wide"), predictions);
  }
  const kept = await predictByNeighbours(pixelEmbedder(), {
    layers: ["wide"],
    bank,
    bankLabels,
    queries: bank,
    leaveOneOut: false,
  }, { neighbours: 1, matMul });
  assert.deepEqual(kept.get("wide"), bankLabels, "with itself in, its own label is nearest");
});

Deno.test("every image passes the network once for all layers where memory allows", async () => {
  const embedder = pixelEmbedder();
  await predictByNeighbours(embedder, {
    layers: ["wide", "narrow"],
    bank,
    bankLabels,
    queries,
    leaveOneOut: false,
  }, { neighbours: 3, matMul });
  // One more image tells the layers' widths.
  assert.equal(embedder.images, 1 + queries.count + bank.count);
});

Deno.test("as many rows of the bank are compared at a time as memory allows", async () => {
  const large = randomImages("large bank", 1100);
  const banks = async (budgetBytes?: number) => {
    const rows: number[] = [];
    await predictByNeighbours(pixelEmbedder(), {
      layers: ["wide"],
      bank: large,
      bankLabels: new Int32Array(large.count),
      queries,
      leaveOneOut: false,
    }, {
      neighbours: 3,
      matMul: (a, b, sizes) => {
        if (sizes.k === 12) rows.push(sizes.n);
        return matMul(a, b, sizes);
      },
      budgetBytes,
    });
    return rows;
  };
  assert.deepEqual(await banks(), [1100]);
  const bytes = 4 * 12; // of an image
  const twice = await banks(4 * 512 * bytes);
  assert.deepEqual(twice.slice(-3), [512, 512, 76], "a quarter of the budget, for all queries");
  const least = await banks(1);
  assert.deepEqual(least.slice(-5), [256, 256, 256, 256, 76], "no fewer than one pass");
});
