import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describeImages } from "../../lib/data/describe_images.ts";
import { generateTextures, texturesDataSet } from "../../lib/data/sets/textures.ts";

/** Three images of one pixel each. */
const THREE = {
  images: Uint8Array.of(0, 51, 255, 255, 51, 255, 255, 51, 0),
  labels: Int32Array.of(2, 0, 2),
};

Deno.test("counts, balance and moments of images are those of their pixels and labels", async () => {
  const facts = await describeImages([THREE], 3);
  assert.equal(facts.count, 3);
  assert.deepEqual([facts.countByClass, facts.balance], [[1, 0, 2], 0]);
  [2 / 3, 0.2, 2 / 3].forEach((mean, c) => assert.ok(Math.abs(facts.mean[c] - mean) < 1e-12));
  const deviation = Math.sqrt(2) / 3; // of (0, 1, 1)
  [deviation, 0, deviation].forEach((expected, c) => {
    assert.ok(Math.abs(facts.standardDeviation[c] - expected) < 1e-7);
  });
});

Deno.test("digests are those of the pixels and of little-endian labels", async () => {
  const { pixelSha256, labelSha256 } = await describeImages([THREE], 3);
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  assert.equal(pixelSha256, sha256(THREE.images));
  assert.equal(labelSha256, sha256(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0)));
});

Deno.test("the facts do not depend on how the images are cut into batches", async () => {
  const options = { seed: 0, trainCount: 1500, testCount: 1, size: 8 };
  const whole = generateTextures({ seed: 0, split: "train", count: 1500, size: 8 });
  const facts = await describeImages([whole], 10);
  assert.deepEqual(await describeImages(texturesDataSet(options).batches("train"), 10), facts);
  assert.equal(facts.balance, 1);
});

Deno.test("no images, and labels out of range, are refused", async () => {
  await assert.rejects(describeImages([], 3), /at least one: current number is 0/);
  await assert.rejects(describeImages([THREE], 2), /between 0 and 1: current value is 2/);
});
