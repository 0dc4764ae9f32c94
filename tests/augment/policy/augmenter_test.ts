import assert from "node:assert/strict";
import { Augmenter } from "../../../lib/augment/policy/augmenter.ts";
import { parsePolicy, type TransformPolicy } from "../../../lib/augment/policy/policy.ts";
import { Renderer } from "../../../lib/augment/image/transform.ts";
import { RandomSource } from "../../../lib/random/random.ts";
import { goldenImage } from "../golden.ts";

const input = { height: 24, width: 20 };
const output = { height: 16, width: 16 };
const image = goldenImage("waves", 3, 24, 20);

function augmenter(policy = "full", seed = 42): Augmenter {
  const options = { policy: parsePolicy(policy) as TransformPolicy, input, output };
  return new Augmenter({ ...options, random: new RandomSource(seed) });
}

function view(maker: Augmenter, index: number, number: number): Uint8Array {
  const out = new Uint8Array(16 * 16 * 3);
  maker.view(image, index, number, out);
  return out;
}

Deno.test("a view does not depend on the views made before it", () => {
  for (const policy of ["full", "randaugment(0.9)"]) {
    const shared = augmenter(policy);
    for (const [index, number] of [[5, 1], [0, 0], [5, 0], [2, 9], [5, 1]]) {
      assert.deepEqual(view(shared, index, number), view(augmenter(policy), index, number));
    }
  }
});

Deno.test("views differ between samples, views and seeds", () => {
  const views = [[0, 0], [0, 1], [1, 0], [1, 1]].map(([i, v]) => view(augmenter(), i, v));
  views.push(view(augmenter("full", 43), 0, 0));
  assert.equal(new Set(views.map(String)).size, views.length);
});

Deno.test("a view is what its transform, written out and read back, renders", () => {
  const renderer = new Renderer(input, output);
  for (let number = 0; number < 20; number++) {
    const transform = JSON.parse(JSON.stringify(augmenter().transform(4, number)));
    const out = new Uint8Array(16 * 16 * 3);
    renderer.render(transform, image, out);
    assert.deepEqual(out, view(augmenter(), 4, number));
  }
});

Deno.test("making views leaves the image unchanged", () => {
  const maker = augmenter();
  const before = image.slice();
  for (let number = 0; number < 50; number++) view(maker, 0, number);
  assert.deepEqual(image, before);
});

Deno.test("the policy none gives the image itself, resized if need be", () => {
  const same = new Augmenter({
    policy: parsePolicy("none") as TransformPolicy,
    random: new RandomSource(0),
    input,
    output: input,
  });
  const out = new Uint8Array(image.length);
  same.view(image, 0, 0, out);
  assert.deepEqual(out, image);
});

Deno.test("buffers and boxes that do not fit are refused with their values", () => {
  assert.throws(
    () => augmenter().view(image.subarray(1), 0, 0, new Uint8Array(768)),
    /input image as \[24, 20, 3\] must have 1440 bytes: current value is 1439/,
  );
  assert.throws(
    () => augmenter().view(image, 0, 0, new Uint8Array(769)),
    /output image as \[16, 16, 3\] must have 768 bytes: current value is 769/,
  );
  for (
    const [top, left, height, width] of [[0, 0, 25, 1], [0, -1, 2, 2], [0, 0, 0, 1], [0.5, 0, 1, 1]]
  ) {
    const transform = { box: { top, left, height, width }, mirror: false, operations: [] };
    assert.throws(
      () => new Renderer(input, output).render(transform, image, new Uint8Array(768)),
      /the box must lie on whole pixels within the 24 x 20 image: current value is top/,
    );
  }
});
