/**
 * 3x3 convolutions by Winograd's minimal filtering F(4x4, 3x3), after Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks" (2016): a tile of 4x4 outputs takes 36
 * multiplications for each pair of channels in place of 144, as 36 products of matrices. The kernels
 * that TensorFlow's oneDNN has for it all sum directly. Letters: N images, H x W pixels, C input and
 * O output channels, S x T tiles of an image.
 *
 * @module
 */
import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tensor, Tfjs } from "../runtime.ts";

/** Outputs of a tile in each direction, and products: its inputs begin and end one pixel beyond. */
const OUTPUTS = 4;
const PRODUCTS = 6;

type Matrix = readonly (readonly number[])[];

/**
 * The transformations of filter, input and output in one dimension: Toom and Cook's, with the points
 * 0, 2/3, -2/3, 3/2, -3/2 and infinity. Reciprocal points have the largest
 * rounding error a quarter of that of the usual 1, -1, 2 and -2 (Alam et al., "Winograd Convolution for
 * Deep Neural Networks: Efficient Point Selection", 2022).
 */
const FILTER: Matrix = [
  [1, 0, 0],
  [-81 / 130, -27 / 65, -18 / 65],
  [-81 / 130, 27 / 65, -18 / 65],
  [8 / 65, 12 / 65, 18 / 65],
  [8 / 65, -12 / 65, 18 / 65],
  [0, 0, 1],
];
const INPUT: Matrix = [
  [1, 0, -97 / 36, 0, 1, 0],
  [0, -3 / 2, -9 / 4, 2 / 3, 1, 0],
  [0, 3 / 2, -9 / 4, -2 / 3, 1, 0],
  [0, -2 / 3, -4 / 9, 3 / 2, 1, 0],
  [0, 2 / 3, -4 / 9, -3 / 2, 1, 0],
  [0, 1, 0, -97 / 36, 0, 1],
];
const OUTPUT: Matrix = [
  [1, 1, 1, 1, 1, 0],
  [0, 2 / 3, -2 / 3, 3 / 2, -3 / 2, 0],
  [0, 4 / 9, 4 / 9, 9 / 4, 9 / 4, 0],
  [0, 8 / 27, -8 / 27, 27 / 8, -27 / 8, 1],
];

/**
 * Where the multiplications that are saved outweigh the transformations. Of value and gradients
 * together on one core, with 32 images: 0.6 of the direct time with 512 channels of 4x4 and with 256 of
 * 8x8, 0.65 with 128 of 16x16; with 64 of 32x32 none is saved. Few tiles do not pay for transforming
 * the filters: with 16 of 512 channels the times are equal, with 8 it takes half as much again. Layers
 * of 64 channels would gain as well; left out, a small network rounds just as direct sums do.
 */
const LEAST_CHANNELS = 128;
const LARGEST_SIDE = 16;
const LEAST_TILES = 32;

/** Whether the convolution can be done this way and is the faster for it, on a CPU. */
export function suitsWinograd(
  [images, height, width, inputs]: readonly number[],
  [rows, columns, , outputs]: readonly number[],
): boolean {
  const tiles = images * (height / OUTPUTS) * (width / OUTPUTS);
  return rows === 3 && columns === 3 && Math.min(inputs, outputs) >= LEAST_CHANNELS &&
    tiles >= LEAST_TILES &&
    [height, width].every((side) => side % OUTPUTS === 0 && side <= LARGEST_SIDE);
}

/**
 * The convolution of stride 1 with one zero around the images; its gradients are those of the
 * operations that it consists of.
 *
 * In float32, value and gradients differ from direct sums by up to 2e-5 of their standard deviation
 * (512 channels; 4e-6 of the largest value). Rounding errors are some eight times those of direct sums.
 *
 * @param x Shape [N,H,W,C], H and W multiples of 4.
 * @param filter Shape [3,3,C,O].
 * @returns shape [N,H,W,O].
 */
export function winogradConv2d(tf: Tfjs, x: Tensor, filter: Tensor): Tensor {
  const [images, height, width, inputs] = (x as Tensor4D).shape;
  const outputs = (filter as Tensor4D).shape[3];
  const [down, across] = [height / OUTPUTS, width / OUTPUTS];
  // Pixels before images: the matrices then apply to whole rows, and tiles need not be cut out.
  const pixels = tf.transpose(x as Tensor4D, [1, 2, 0, 3]);
  const tiles = transform(tf, inputsOf(height), inputsOf(width), pixels);
  const flat = tf.reshape(filter, [9, inputs * outputs]);
  const products = multiply(
    tf,
    tf.reshape(tiles, [PRODUCTS, down, PRODUCTS, across * images, inputs]),
    tf.reshape(
      tf.matMul(tf.tensor2d(kronecker(FILTER)), flat as Tensor2D),
      [PRODUCTS, 1, PRODUCTS, inputs, outputs],
    ),
  );
  const sums = tf.reshape(products, [PRODUCTS * down, PRODUCTS * across, images, outputs]);
  const sides = [outputsOf(height), outputsOf(width)] as const;
  return tf.transpose(transform(tf, ...sides, sums as Tensor4D), [2, 0, 1, 3]);
}

/** Applies a matrix to the first axis of `x`, and another one to its second. */
function transform(tf: Tfjs, rows: number[][], columns: number[][], x: Tensor4D): Tensor4D {
  const [height, width, images, channels] = x.shape;
  const strips = tf.matMul(tf.tensor2d(rows), tf.reshape(x, [height, width * images * channels]));
  const stacked = tf.reshape(strips, [rows.length, width, images * channels]);
  const whole = tf.matMul(tf.tensor3d([columns]), stacked);
  return tf.reshape(whole, [rows.length, columns.length, images, channels]);
}

/**
 * The products of [6,S,6,T N,C] and [6,1,6,C,O], which all rows of tiles share; TensorFlow.js does not
 * add up the gradients of what is shared.
 */
function multiply(tf: Tfjs, tiles: Tensor, filters: Tensor): Tensor {
  return tf.customGrad((...args) => {
    const save = args[2] as unknown as (tensors: Tensor[]) => void;
    save([tiles, filters]);
    const gradFunc = (dy: Tensor, [tiles, filters]: Tensor[]) => [
      tf.matMul(dy, filters, false, true),
      tf.sum(tf.matMul(tiles, dy, true), 1, true),
    ];
    return { value: tf.matMul(tiles, filters), gradFunc };
  })(tiles, filters);
}

/** What makes the factors of a row's pixels, [6 T,W]: product by product, in each tile by tile. */
function inputsOf(side: number): number[][] {
  return INPUT.flatMap((taps) =>
    firstPixels(side).map((first) => range(side).map((pixel) => taps[pixel - first + 1] ?? 0))
  );
}

/** What makes a row's pixels of the products, [W,6 T]. */
function outputsOf(side: number): number[][] {
  return range(side).map((pixel) =>
    range(PRODUCTS).flatMap((product) =>
      firstPixels(side).map((first) => OUTPUT[pixel - first]?.[product] ?? 0)
    )
  );
}

/** The first output pixel of each tile. */
function firstPixels(side: number): number[] {
  return range(side / OUTPUTS).map((tile) => tile * OUTPUTS);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The Kronecker product of a matrix with itself: the transformation in both dimensions. */
function kronecker(matrix: Matrix): number[][] {
  return matrix.flatMap((above) =>
    matrix.map((row) => above.flatMap((a) => row.map((value) => a * value)))
  );
}
