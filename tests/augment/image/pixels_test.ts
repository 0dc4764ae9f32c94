import assert from "node:assert/strict";
import { adjustSaturation } from "../../../lib/augment/image/blend.ts";
import { pack, unpack } from "../../../lib/augment/image/pixels.ts";
import { goldenImage } from "../golden.ts";

for (const offset of [0, 1, 2, 3, 4]) {
  Deno.test(`an image that starts at byte ${offset} of its buffer comes back from its pixels`, () => {
    for (const width of [1, 3, 4, 7, 8]) {
      const image = goldenImage("noise", 5, 3, width);
      const moved = new Uint8Array(image.length + 8).fill(99).subarray(
        offset,
        offset + image.length,
      );
      moved.set(image);
      const pixels = new Int32Array(3 * width);
      pack(moved, pixels);
      const expected = Int32Array.from(
        pixels,
        (_, i) => image[3 * i] | image[3 * i + 1] << 8 | image[3 * i + 2] << 16,
      );
      assert.deepEqual(pixels, expected);
      const out = new Uint8Array(image.length + 8).fill(99);
      unpack(pixels, out.subarray(offset, offset + image.length));
      assert.deepEqual(out.subarray(offset, offset + image.length), image);
      assert.ok(out.subarray(0, offset).every((byte) => byte === 99), "bytes before the image");
      assert.ok(out.subarray(offset + image.length).every((byte) => byte === 99), "bytes after it");
    }
  });
}

Deno.test("a large image's saturation changes as that of its small parts does", () => {
  const image = goldenImage("noise", 6, 64, 64);
  const pixels = new Int32Array(64 * 64);
  pack(image, pixels);
  // Among them factors whose products lie just below integers, where rounding decides.
  const factors = [0, 0.2, 0.7, 1, 1.1, 1.3, 1.8, 1.9, 2, 2.5, 40, 1 - 2 ** -20, 1.5 - 2 ** -22];
  for (let i = 0; i < 40; i++) factors.push(i * 1.8 / 40 + 0.0137);
  for (const factor of factors) {
    const whole = pixels.slice();
    adjustSaturation(whole, factor);
    const parts = pixels.slice();
    for (let i = 0; i < parts.length; i += 64) adjustSaturation(parts.subarray(i, i + 64), factor);
    assert.deepEqual(whole, parts, `factor ${factor}`);
  }
});
