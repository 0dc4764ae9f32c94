import assert from "node:assert/strict";
import { matMul } from "../../lib/metrics/mat_mul.ts";
import { matrix, sliceRows } from "../../lib/metrics/matrix.ts";
import { RandomSource } from "../../lib/random/random.ts";

Deno.test("the product is the rounded double-precision sum for shapes around every block's edge", () => {
  const stream = new RandomSource(1).stream("matrix product");
  for (const m of [1, 3, 64, 65]) {
    for (const k of [1, 255, 257]) {
      for (const n of [2, 4, 130]) {
        const a = Float32Array.from({ length: m * k }, () => stream.normal());
        const b = Float32Array.from({ length: n * k }, () => stream.normal());
        const product = matMul(a, b, { m, k, n });
        assert.equal(product.length, m * n);
        for (let i = 0; i < m * n; i++) {
          let sum = 0;
          for (let c = 0; c < k; c++) sum += a[Math.floor(i / n) * k + c] * b[(i % n) * k + c];
          assert.ok(Math.abs(product[i] - sum) <= 2 ** -23 * Math.max(1, Math.abs(sum)));
        }
      }
    }
  }
});

Deno.test("a product over no columns is zero", () => {
  assert.deepEqual(
    matMul(new Float32Array(0), new Float32Array(0), { m: 2, k: 0, n: 3 }),
    new Float32Array(6),
  );
});

Deno.test("values that do not fill whole rows are refused with both numbers", () => {
  assert.throws(() => matrix(new Float32Array(7), 3), /current value is 7 values in 3 columns/);
  assert.throws(() => matrix(new Float32Array(7), 0), /current value is 7 values in 0 columns/);
});

Deno.test("a slice of rows shares the values", () => {
  const source = matrix(Float32Array.of(1, 2, 3, 4, 5, 6), 2);
  const slice = sliceRows(source, 1, 3);
  assert.deepEqual([...slice.values], [3, 4, 5, 6]);
  assert.equal(slice.rows, 2);
  assert.equal(slice.values.buffer, source.values.buffer);
});
