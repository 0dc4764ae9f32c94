import assert from "node:assert/strict";
import { resizeBilinear } from "../../../lib/augment/image/resize.ts";
import { goldenImage } from "../golden.ts";

Deno.test("a resize to the same size changes nothing and shares no memory", () => {
  const image = goldenImage("noise", 1, 7, 5);
  const out = resizeBilinear(image, { height: 7, width: 5 }, { height: 7, width: 5 });
  assert.deepEqual(out, image);
  assert.notEqual(out.buffer, image.buffer);
});

Deno.test("a constant image keeps its colour at any size", () => {
  const image = goldenImage("constant", 5, 9, 4);
  for (const [height, width] of [[1, 1], [3, 17], [30, 2], [96, 96]]) {
    const out = resizeBilinear(image, { height: 9, width: 4 }, { height, width });
    out.forEach((value, i) => assert.equal(value, image[i % 3]));
  }
});

Deno.test("an image that does not have its size is refused", () => {
  const size = { height: 2, width: 2 };
  assert.throws(
    () => resizeBilinear(new Uint8Array(13), size, size),
    /Cannot use the image to resize as \[2, 2, 3\] must have 12 bytes: current value is 13/,
  );
  assert.throws(
    () => resizeBilinear(new Uint8Array(12), size, { height: 0, width: 2 }),
    /output image as its height and width must be positive integers: current value is 0 x 2/,
  );
});
