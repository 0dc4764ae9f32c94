import assert from "node:assert/strict";
import { imagesInMemory } from "../../../lib/nn/network/images.ts";
import { imagesAsViews, viewsAsImages } from "../../../lib/nn/training/views.ts";
import { viewsInMemory } from "../views_in_memory.ts";

const shape = [1, 2, 3] as const;
/** Two samples of three views, each byte tells its place. */
const bytes = Uint8Array.from({ length: 2 * 3 * 6 }, (_, i) => i);

Deno.test("views as images come sample by sample, from any place", async () => {
  const images = viewsAsImages(viewsInMemory(bytes, shape, 3), 2, shape);
  assert.equal(images.count, 6);
  assert.deepEqual(await images.read(2, 3), bytes.subarray(12, 30));
});

Deno.test("images are their own only views", async () => {
  const views = imagesAsViews(imagesInMemory(bytes, shape));
  assert.equal(views.viewsPerSample, 1);
  const out = new Uint8Array(12);
  await views.gather(Int32Array.of(5, 1), Int32Array.of(0, 0), out);
  assert.deepEqual(out, Uint8Array.of(30, 31, 32, 33, 34, 35, 6, 7, 8, 9, 10, 11));
});

Deno.test("bytes that are no whole number of images are refused", () => {
  assert.throws(
    () => imagesInMemory(bytes.subarray(1), shape),
    /multiple of 6.*current value is 35/,
  );
});
