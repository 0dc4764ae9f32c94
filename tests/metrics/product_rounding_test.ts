import assert from "node:assert/strict";
import { matMul } from "../../lib/metrics/mat_mul.ts";
import type { MatMul } from "../../lib/metrics/matrix.ts";
import { productRounding } from "../../lib/metrics/product_rounding.ts";
import { roundToTf32, truncateToTf32 } from "../tensorflow/tf32.ts";

/** A product that does something to its operands first. */
function productOf(a: (value: number) => number, b: (value: number) => number): MatMul {
  return (left, right, shape) => matMul(left.map(a), right.map(b), shape);
}

const asIs = (value: number) => value;

Deno.test("a product in single precision rounds no operand", async () => {
  assert.equal(await productRounding(matMul), 0);
});

Deno.test("rounding to TF32 is off by half of its last bit at most, dropping bits by all of it", async () => {
  const last = 2 ** -10;
  const rounded = await productRounding(productOf(roundToTf32, roundToTf32));
  const truncated = await productRounding(productOf(truncateToTf32, truncateToTf32));
  assert.ok(rounded > 0.99 * last / 2 && rounded <= last / 2, String(rounded));
  assert.ok(truncated > 0.99 * last && truncated <= last, String(truncated));
});

Deno.test("rounding of either operand is noticed", async () => {
  assert.ok(await productRounding(productOf(roundToTf32, asIs)) > 0);
  assert.ok(await productRounding(productOf(asIs, roundToTf32)) > 0);
});

Deno.test("a product is measured once", async () => {
  let products = 0;
  const counted: MatMul = (a, b, shape) => (products++, matMul(a, b, shape));
  await Promise.all([productRounding(counted), productRounding(counted)]);
  assert.equal(products, 2, "one for each operand");
});
