/**
 * A side that needs nothing but a core: products of matrices that fit into its cache, on one
 * thread. For each line of stdin it does a round and prints the median milliseconds of a product.
 *
 * @module
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { openRuntime } from "../lib/tensorflow/open.ts";
import { median } from "./bench.ts";

/** Three matrices of this side take 0.8 MB. */
const SIDE = 256;
const PRODUCTS = 2000;

const { tf } = await openRuntime({ backend: "tensorflow", threads: 1 });
const ones = new Float32Array(SIDE ** 2).fill(1);
const [a, b] = [0, 1].map(() => tf.tensor2d(ones, [SIDE, SIDE]));

function milliseconds(): number {
  const start = performance.now();
  const product = tf.matMul(a, b);
  product.dataSync();
  product.dispose();
  return performance.now() - start;
}

console.log(`products of ${SIDE} x ${SIDE} matrices, 1 thread`);
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(median(Array.from({ length: PRODUCTS }, milliseconds)));
}
Deno.exit(0);
