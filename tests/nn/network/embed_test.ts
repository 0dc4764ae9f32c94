import assert from "node:assert/strict";
import { createEmbedder } from "../../../lib/nn/network/embed.ts";
import { imagesInMemory } from "../../../lib/nn/network/images.ts";
import { createNetwork } from "../../../lib/nn/network/network.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { backendTest } from "../backend.ts";
import { cases } from "../cases.ts";

const { network: config } = cases["narrow"];
const random = new RandomSource(5);
const stream = random.stream("images");
const images = imagesInMemory(
  Uint8Array.from({ length: 21 * 16 * 16 * 3 }, () => stream.integer(256)),
  [16, 16, 3],
);
/** Convolutions of other batch sizes may add in another order. */
const TOLERANCE = 1e-5;

function assertClose(actual: Float32Array, expected: Float32Array): void {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < TOLERANCE, `${i}`));
}

backendTest(
  "embeddings do not depend on the batch size, with or without a partial batch",
  async (runtime) => {
    const network = createNetwork(runtime, config, random);
    const embeddings = [];
    for (const batchSize of [1, 7, 8, 64]) {
      const embedder = createEmbedder(runtime, network, { batchSize });
      embeddings.push(await embedder.embed(images));
      embedder.dispose();
    }
    assert.equal(embeddings[0].length, 21 * 12);
    for (const other of embeddings.slice(1)) assertClose(other, embeddings[0]);
    network.dispose();
  },
);

backendTest(
  "blocks cover all images once, and carry flattened activations of the layers asked for",
  async (runtime) => {
    const network = createNetwork(runtime, config, random);
    const embedder = createEmbedder(runtime, network, { batchSize: 8 });
    const counts: number[] = [];
    const parts: Float32Array[] = [];
    for await (
      const { start, count, activations } of embedder.blocks(images, ["O", "stem", "embedding"])
    ) {
      assert.equal(start, counts.reduce((sum, n) => sum + n, 0));
      counts.push(count);
      assert.deepEqual([...activations.keys()], ["O", "stem", "embedding"]);
      assert.equal(activations.get("O")!.length, count * 5);
      assert.equal(activations.get("stem")!.length, count * 16 * 16 * 4);
      parts.push(activations.get("embedding")!);
    }
    assert.deepEqual(counts, [8, 8, 5]);
    const whole = await embedder.embed(images);
    assertClose(Float32Array.from(parts.flatMap((part) => [...part])), whole);
    embedder.dispose();
    network.dispose();
  },
);

backendTest(
  "embedding follows the parameters as they change, and leaves no tensors behind",
  async (runtime) => {
    const network = createNetwork(runtime, config, random);
    const embedder = createEmbedder(runtime, network, { batchSize: 8 });
    const before = await embedder.embed(images);
    const tensors = runtime.tf.memory().numTensors;
    const gamma = network.parameters.find(({ name }) => name === "encoder.layer3.0.bn2.weight")!;
    gamma.set(new Float32Array(12).fill(0.25));
    assert.notDeepEqual(await embedder.embed(images), before);
    assert.equal(runtime.tf.memory().numTensors, tensors);
    embedder.dispose();
    network.dispose();
  },
);

backendTest("an unknown layer is refused with the names that exist", async (runtime) => {
  const network = createNetwork(runtime, config, random);
  const embedder = createEmbedder(runtime, network);
  await assert.rejects(
    embedder.blocks(images, ["layer9"]).next(),
    /among stem, layer1, layer2, layer3, embedding, P1, P, O: current value is \[layer9\]/,
  );
  embedder.dispose();
  network.dispose();
});
