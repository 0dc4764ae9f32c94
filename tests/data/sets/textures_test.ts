import assert from "node:assert/strict";
import {
  generateTextures,
  TEXTURE_CLASSES,
  texturesDataSet,
} from "../../../lib/data/sets/textures.ts";
import type { ImageSet } from "../../../lib/data/sets/data_set.ts";
import { readSplit } from "../read_split.ts";

const BYTES = 16 * 16 * 3;

function textures(changes: Partial<Parameters<typeof generateTextures>[0]> = {}): ImageSet {
  return generateTextures({ seed: 0, split: "train", count: 60, size: 16, ...changes });
}

Deno.test("textures come out the same for the same seed", () => {
  assert.deepEqual(textures(), textures());
});

Deno.test("textures differ from seed to seed and between the splits", () => {
  const first = textures();
  for (const other of [textures({ seed: 1 }), textures({ split: "test" })]) {
    assert.notDeepEqual(other.images, first.images);
    assert.notDeepEqual(other.labels, first.labels);
  }
});

Deno.test("a texture does not depend on how many follow it", () => {
  const few = textures({ count: 7 });
  const many = textures({ count: 60 });
  assert.deepEqual(many.images.subarray(0, 7 * BYTES), few.images);
  assert.deepEqual(many.labels.subarray(0, 7), few.labels);
});

Deno.test("every ten textures show each class once, in an order that changes", () => {
  const { labels } = textures({ count: 100 });
  const runs = Array.from(
    { length: 10 },
    (_, run) => [...labels.subarray(10 * run, 10 * run + 10)],
  );
  for (const run of runs) assert.deepEqual([...run].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(new Set(runs.map(String)).size >= 9, "nearly all orders differ");
});

Deno.test("textures have ten classes, the side asked for and visible contrast", () => {
  const { images, height, width, classNames } = textures({ size: 32 });
  assert.deepEqual([height, width, images.length], [32, 32, 60 * 32 * 32 * 3]);
  assert.deepEqual(classNames, TEXTURE_CLASSES);
  assert.equal(new Set(classNames).size, 10);
  for (let i = 0; i < 60; i++) {
    assert.ok(contrast(images.subarray(i * 32 * 32 * 3, (i + 1) * 32 * 32 * 3)) > 10, `image ${i}`);
  }
});

/** Largest standard deviation among the three channels; noise alone has 13 at most of 255. */
function contrast(image: Uint8Array): number {
  return Math.max(...[0, 1, 2].map((channel) => {
    const values = [...image].filter((_, at) => at % 3 === channel);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  }));
}

Deno.test("vertical and horizontal stripes vary across their direction and not along it", () => {
  const { images, labels } = textures({ count: 200 });
  for (const [name, across] of [["vertical stripes", 3], ["horizontal stripes", 48]] as const) {
    const along = across === 3 ? 48 : 3;
    for (const image of ofClass(images, labels, TEXTURE_CLASSES.indexOf(name))) {
      const ratio = meanStep(image, across) / meanStep(image, along);
      assert.ok(ratio > 1.5, `${name}: steps across are ${ratio} times those along`);
    }
  }
});

function ofClass(images: Uint8Array, labels: Int32Array, label: number): Uint8Array[] {
  return [...labels].flatMap((value, i) =>
    value === label ? [images.subarray(i * BYTES, (i + 1) * BYTES)] : []
  );
}

/** Mean absolute difference of bytes that lie `offset` apart, without wrapping round a row. */
function meanStep(image: Uint8Array, offset: number): number {
  let sum = 0;
  let count = 0;
  for (let at = 0; at + offset < image.length; at++) {
    if (offset < 48 && at % 48 + offset >= 48) continue;
    sum += Math.abs(image[at + offset] - image[at]);
    count++;
  }
  return sum / count;
}

Deno.test("neighbours in pixel space hardly tell the texture families apart", () => {
  const bank = textures({ count: 256 });
  const queries = textures({ split: "test", count: 500 });
  const accuracy = cosineNeighbourAccuracy(bank, queries, 20);
  // Chance is 10 %; 1000 queries and seeds 0-2 gave 13.2-13.6 %.
  assert.ok(accuracy < 0.2, `20 nearest neighbours: ${accuracy}`);
});

function cosineNeighbourAccuracy(bank: ImageSet, queries: ImageSet, neighbours: number): number {
  const directions = [bank, queries].map(({ images }) => unitRows(images));
  let hits = 0;
  queries.labels.forEach((label, query) => {
    const similarities = Array.from(bank.labels, (_, row) => {
      let dot = 0;
      for (let j = 0; j < BYTES; j++) {
        dot += directions[0][row * BYTES + j] * directions[1][query * BYTES + j];
      }
      return { dot, label: bank.labels[row] };
    }).sort((a, b) => b.dot - a.dot);
    const votes = new Array<number>(10).fill(0);
    for (const near of similarities.slice(0, neighbours)) votes[near.label]++;
    if (votes.indexOf(Math.max(...votes)) === label) hits++;
  });
  return hits / queries.labels.length;
}

function unitRows(images: Uint8Array): Float32Array {
  const rows = Float32Array.from(images);
  for (let at = 0; at < rows.length; at += BYTES) {
    const row = rows.subarray(at, at + BYTES);
    const length = Math.hypot(...row);
    row.forEach((value, j) => row[j] = value / length);
  }
  return rows;
}

Deno.test("the textures as a data set are the generated ones, in batches", async () => {
  const dataSet = texturesDataSet({ seed: 3, trainCount: 1030, testCount: 20, size: 8 });
  for (const [split, count] of [["train", 1030], ["test", 20]] as const) {
    assert.deepEqual(
      await readSplit(dataSet, split),
      generateTextures({ seed: 3, split, count, size: 8 }),
    );
  }
});

Deno.test("a count or size out of range is refused with its name and value", () => {
  assert.throws(() => textures({ count: 0 }), {
    name: "RangeError",
    message: "Cannot generate textures as 'count' must be a whole number of at least 1: " +
      "current value is 0",
  });
  assert.throws(
    () => textures({ size: 7.5 }),
    /'size' must be .* at least 8: current value is 7.5/,
  );
  assert.throws(() => texturesDataSet({ seed: 0, trainCount: 1, testCount: -1, size: 16 }), /-1/);
});
