import { strict as assert } from "node:assert";
import type { Convolution, Product } from "../../../tools/library_check/case.ts";
import { deviation } from "../../../tools/library_check/compare.ts";
import {
  paddedAllRound,
  paddedAsTensorFlow,
  referenceConvolution,
  referenceProduct,
} from "../../../tools/library_check/reference.ts";
import { golden, goldenNames } from "../../tensorflow/ops_golden.ts";

function convolution(x: number[], filter: number[], stride: number): Convolution {
  const [images, side, , inputs] = x;
  const [kernel, , , outputs] = filter;
  const operation = "convolution", precision = "float32", padding = "VALID";
  return { operation, precision, images, side, inputs, outputs, kernel, stride, padding };
}

for (const name of goldenNames.filter((name) => /^conv .*\/y$/.test(name))) {
  const prefix = name.slice(0, -2);
  Deno.test(`the reference of ${prefix} and its gradients equal PyTorch's`, () => {
    const [, stride, padding] = /s(\d) p(\d)/.exec(prefix)!.map(Number);
    const [x, filter, dy] = ["x", "w", "dy"].map((key) => golden(`${prefix}/${key}`));
    const asked = convolution(x.shape, filter.shape, stride);
    const operands = { x: x.values, filter: filter.values, dy: dy.values };
    const references = referenceConvolution(asked, paddedAllRound(asked, padding), operands);
    ["y", "dx", "dw"].forEach((key, i) => {
      const { shape, values } = golden(`${prefix}/${key}`);
      assert.deepEqual(references[i].shape, shape);
      const off = deviation(values, references[i]);
      assert.ok(off < 1e-6, `${key} is off by ${off}`);
    });
  });
}

Deno.test("a matrix product's reference takes either matrix transposed", () => {
  const asked: Product = {
    operation: "product",
    precision: "float32",
    batch: 2,
    rows: 1,
    inner: 2,
    columns: 3,
    transposed: "neither",
  };
  const left = Float32Array.of(1, 2, 3, 4); // [2,1,2], and the same as [2,2,1]
  const right = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); // [2,2,3]
  const rightTransposed = Float32Array.of(1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12); // [2,3,2]
  const values = (transposed: Product["transposed"], right: Float32Array) => {
    const reference = referenceProduct({ ...asked, transposed }, left, right);
    return Array.from({ length: 6 }, (_, i) => reference.element(i).value);
  };
  const expected = [9, 12, 15, 61, 68, 75];
  assert.deepEqual(values("neither", right), expected);
  assert.deepEqual(values("left", right), expected);
  assert.deepEqual(values("right", rightTransposed), expected);
});

Deno.test("TensorFlow's SAME pads as many images as strides begin in, the odd zero behind", () => {
  const asked = (side: number, kernel: number, stride: number) =>
    paddedAsTensorFlow({ ...convolution([1, side], [kernel], stride), padding: "SAME" });
  assert.deepEqual(asked(16, 3, 1), { side: 16, before: 1 });
  assert.deepEqual(asked(16, 3, 2), { side: 8, before: 0 });
  assert.deepEqual(asked(15, 3, 2), { side: 8, before: 1 });
  assert.deepEqual(asked(15, 1, 2), { side: 8, before: 0 });
});

Deno.test("one wrong value, one that is missing and one that is no number deviate", () => {
  const asked = convolution([1, 4, 4, 2], [3, 3, 2, 2], 1);
  const x = Float32Array.from({ length: 32 }, (_, i) => i - 16);
  const filter = Float32Array.from({ length: 36 }, (_, i) => i % 5 - 2);
  const operands = { x, filter, dy: new Float32Array(8) };
  const [reference] = referenceConvolution(asked, paddedAsTensorFlow(asked), operands);
  const right = Array.from({ length: 8 }, (_, i) => reference.element(i).value);
  assert.equal(deviation(right, reference), 0);
  assert.ok(deviation(right.with(3, right[3] + 1), reference) > 1e-3);
  assert.equal(deviation(right.with(3, NaN), reference), Infinity);
  assert.equal(deviation(right.slice(1), reference), Infinity);
});
