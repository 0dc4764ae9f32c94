import assert from "node:assert/strict";
import { decomposeLoss } from "../../lib/metrics/decomposition.ts";
import { RandomSource } from "../../lib/random/random.ts";

function randomOutputs(seed: number) {
  const stream = new RandomSource(seed).stream("decomposition");
  const [samples, views, classes] = [9, 7, 11].map((bound) => 1 + stream.integer(bound));
  const scale = 10 ** (stream.integer(7) - 3);
  const outputs = Float32Array.from(
    { length: samples * views * classes },
    () => scale * stream.normal(),
  );
  const targets = new Float32Array(samples * classes);
  for (let i = 0; i < samples; i++) targets[i * classes + stream.integer(classes)] = 1;
  return { samples, views, classes, outputs, targets };
}

Deno.test("loss = invariance + bias to rounding, for any shape and scale (Theorem B.2)", () => {
  for (let seed = 0; seed < 200; seed++) {
    const { loss, invariance, bias } = decomposeLoss(randomOutputs(seed));
    assert.ok(Math.abs(loss - (invariance + bias)) <= 1e-13 * loss, `seed ${seed}`);
    assert.ok(invariance >= 0 && bias >= 0);
  }
});

Deno.test("each term equals its definition in the paper, pairs of views and all", () => {
  for (let seed = 0; seed < 50; seed++) {
    const { samples, views, classes, outputs, targets } = randomOutputs(seed);
    const output = (i: number, a: number, c: number) => outputs[(i * views + a) * classes + c];
    let pairs = 0, bias = 0, loss = 0;
    for (let i = 0; i < samples; i++) {
      for (let c = 0; c < classes; c++) {
        const target = targets[i * classes + c];
        let sum = 0;
        for (let a = 0; a < views; a++) {
          sum += output(i, a, c);
          loss += (output(i, a, c) - target) ** 2;
          for (let b = 0; b < views; b++) pairs += (output(i, a, c) - output(i, b, c)) ** 2;
        }
        bias += (target - sum / views) ** 2;
      }
    }
    const terms = decomposeLoss({ outputs, targets, classes });
    const close = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 1e-12 * (expected + terms.loss), `seed ${seed}`);
    close(terms.loss, loss / (samples * views));
    close(terms.invariance, pairs / (2 * samples * views ** 2));
    close(terms.bias, bias / samples);
  }
});

Deno.test("a single view has no invariance term", () => {
  const outputs = Float32Array.of(0.5, 0.25);
  const targets = Float32Array.of(1, 0);
  assert.deepEqual(decomposeLoss({ outputs, targets, classes: 2 }), {
    loss: 0.3125,
    invariance: 0,
    bias: 0.3125,
  });
});

Deno.test("outputs that are not whole views of whole samples are refused", () => {
  const targets = new Float32Array(4);
  assert.throws(
    () => decomposeLoss({ outputs: new Float32Array(6), targets, classes: 2 }),
    /6 outputs and 4 targets for 2 classes/,
  );
  assert.throws(() => decomposeLoss({ outputs: targets, targets, classes: 3 }), /for 3 classes/);
});
