/**
 * Proof that a device multiplies in single precision. By default NVIDIA GPUs since 2020 round the
 * operands of matrix products and convolutions to TF32, and CPUs can be told to round them to
 * bfloat16. Every measure of a network begins with such products, so none could then be exact.
 *
 * @module
 */
import type { Runtime, Step, StepOptions, Tensor } from "./runtime.ts";
import { BACKEND_VARIABLE } from "./variables.ts";

/**
 * The largest error of a product relative to its size: between the 3e-7 of single precision, to
 * which Winograd's transformations add some, and TF32's 2e-4. bfloat16 makes 2e-3.
 */
export const LARGEST_ERROR = 2e-5;

/** Errors of a device's products, relative to the products' size. */
export interface ProductErrors {
  readonly matMul: number;
  readonly conv2d: number;
}

/** Sizes at which GPUs take the kernels that round, if they take them at all. */
const PRODUCT_SIDE = 256;
const IMAGES = 4, IMAGE_SIDE = 16, CHANNELS = 32, KERNEL = 3;

/** Rows of the product that are computed in double precision as well. */
const REFERENCE_ROWS = 4;

/**
 * Verifies that a device multiplies matrices and convolves images in single precision.
 *
 * @throws {Error} if the device rounds the operands; the message says to how many bits.
 */
export async function requireSinglePrecision(runtime: Runtime): Promise<void> {
  const { matMul, conv2d } = await productErrors(runtime);
  for (const [what, error] of [["matrix products", matMul], ["convolutions", conv2d]] as const) {
    if (!(error <= LARGEST_ERROR)) throw roundedProducts(runtime.info.device, what, error);
  }
}

/** Compares products of a device, computed in a step, with double precision. */
export async function productErrors(
  runtime: Runtime,
  options?: StepOptions,
): Promise<ProductErrors> {
  return {
    matMul: await matMulError(runtime, options),
    conv2d: await convolutionError(runtime, options),
  };
}

async function matMulError(runtime: Runtime, options?: StepOptions): Promise<number> {
  const { tf } = runtime;
  const side = PRODUCT_SIDE;
  const [a, b] = [noise(side ** 2, 1), noise(side ** 2, 2)];
  const multiply = runtime.step("product", (a, b) => [tf.matMul(a, b)], options);
  const product = await runOnce(runtime, multiply, [a, b].map((x) => tf.tensor(x, [side, side])));
  const expected = new Float64Array(REFERENCE_ROWS * side);
  for (let i = 0; i < expected.length; i++) {
    const row = Math.floor(i / side), column = i % side;
    for (let k = 0; k < side; k++) expected[i] += a[row * side + k] * b[k * side + column];
  }
  return relativeError(product, expected);
}

/** Compares the pixel in the middle of every image: the zeros around the image do not reach it. */
async function convolutionError(runtime: Runtime, options?: StepOptions): Promise<number> {
  const { tf, ops } = runtime;
  const images = noise(IMAGES * IMAGE_SIDE ** 2 * CHANNELS, 3);
  const filter = noise(KERNEL ** 2 * CHANNELS ** 2, 4);
  const middle = IMAGE_SIDE / 2;
  const convolve = runtime.step("convolution", (images, filter) => {
    const convolved = ops.conv2d(images, filter, { padding: 1 });
    return [tf.slice(convolved, [0, middle, middle, 0], [IMAGES, 1, 1, CHANNELS])];
  }, options);
  const pixels = await runOnce(runtime, convolve, [
    tf.tensor(images, [IMAGES, IMAGE_SIDE, IMAGE_SIDE, CHANNELS]),
    tf.tensor(filter, [KERNEL, KERNEL, CHANNELS, CHANNELS]),
  ]);
  const expected = new Float64Array(IMAGES * CHANNELS);
  for (let i = 0; i < expected.length; i++) {
    const image = Math.floor(i / CHANNELS), output = i % CHANNELS;
    for (let tap = 0; tap < KERNEL ** 2; tap++) {
      const row = middle - 1 + Math.floor(tap / KERNEL), column = middle - 1 + tap % KERNEL;
      const pixel = ((image * IMAGE_SIDE + row) * IMAGE_SIDE + column) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) {
        expected[i] += images[pixel + c] * filter[(tap * CHANNELS + c) * CHANNELS + output];
      }
    }
  }
  return relativeError(pixels, expected);
}

/** The values that a step makes of its arguments; frees the step and the arguments. */
async function runOnce({ tf }: Runtime, step: Step, args: Tensor[]): Promise<Float32Array> {
  const [result] = await step.runAsync(...args);
  const values = await result.data<"float32">();
  tf.dispose([...args, result]);
  step.dispose();
  return values;
}

/** Values between -1/2 and 1/2 that use all bits of a float32: a linear congruential sequence. */
function noise(length: number, seed: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[i] = state / 2 ** 32;
  }
  return values;
}

/** The root mean square of the error over that of the values. */
function relativeError(actual: Float32Array, expected: Float64Array): number {
  let errors = 0, squares = 0;
  for (let i = 0; i < expected.length; i++) {
    errors += (actual[i] - expected[i]) ** 2;
    squares += expected[i] ** 2;
  }
  return Math.sqrt(errors / squares);
}

function roundedProducts(device: string, what: string, error: number): Error {
  // The last bit of each operand is off by half at most, the mean of both by about half of that.
  const bits = Math.round(-Math.log2(error)) - 1;
  return new Error(
    `Cannot measure on ${device} as its ${what} must keep the 24 bits of float32: ` +
      `current value is a relative error of ${error.toExponential(1)}, as if operands had ` +
      `about ${bits} bits (TF32 has 11, bfloat16 8), although the library was told not to round. ` +
      `Use another device (CUDA_VISIBLE_DEVICES=-1 for the CPU, else ${BACKEND_VARIABLE}=wasm), ` +
      `and report this one`,
  );
}
