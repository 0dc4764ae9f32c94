/**
 * 3x3 convolutions by Winograd's minimal filtering F(2x2, 3x3), after Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks" (2016): a tile of 2x2 outputs takes 16
 * multiplications a pair of channels in place of 36, as 16 products of matrices. oneDNN has it for
 * neither gradient. Letters: N images, H x W pixels, C input and O output channels, T tiles.
 *
 * @module
 */
import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tensor, Tfjs } from "./runtime.ts";

/** Outputs of a tile in each direction, and inputs: a tile reads one pixel beyond its outputs. */
const OUTPUTS = 2;
const INPUTS = 4;

/** The transformations of filter, input and output in one dimension (equation 7). */
const FILTER = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]];
const INPUT = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]];
const OUTPUT = [[1, 1, 1, 0], [0, 1, -1, -1]];

/**
 * From so many channels on, and up to so large an image, the multiplications that are saved outweigh
 * the transformations (measured on one core, 32 images: 0.75 of the time with 512 channels of 4x4,
 * 0.9 with 256 of 8x8, but 1.1 with 128 of 16x16).
 */
const LEAST_CHANNELS = 256;
const LARGEST_SIDE = 8;

/** Whether the convolution can be done this way and is the faster for it, on a CPU. */
export function suitsWinograd(
  [, height, width, inputs]: readonly number[],
  [rows, columns, , outputs]: readonly number[],
): boolean {
  return rows === 3 && columns === 3 && Math.min(inputs, outputs) >= LEAST_CHANNELS &&
    [height, width].every((side) => side % OUTPUTS === 0 && side <= LARGEST_SIDE);
}

/**
 * The convolution of stride 1 with one zero around the images; its gradients are those of the
 * operations that it consists of.
 *
 * In float32 it differs from the direct sum by some 3e-6 of the largest value.
 *
 * @param x Shape [N,H,W,C], H and W even.
 * @param filter Shape [3,3,C,O].
 * @returns shape [N,H,W,O].
 */
export function winogradConv2d(tf: Tfjs, x: Tensor, filter: Tensor): Tensor {
  const [images, height, width, inputs] = (x as Tensor4D).shape;
  const [, , , outputs] = (filter as Tensor4D).shape;
  const grid = [height / OUTPUTS, width / OUTPUTS] as const;
  const tiles = images * grid[0] * grid[1];
  const filters = transform(tf, FILTER, tf.reshape(filter, [9, inputs * outputs]));
  const products = tf.matMul(
    tf.reshape(transform(tf, INPUT, tilesOf(tf, x)), [INPUTS ** 2, tiles, inputs]),
    tf.reshape(filters, [INPUTS ** 2, inputs, outputs]),
  );
  const pixels = transform(tf, OUTPUT, tf.reshape(products, [INPUTS ** 2, tiles * outputs]));
  const split = tf.reshape(pixels, [OUTPUTS, OUTPUTS, images, ...grid, outputs]);
  return tf.reshape(tf.transpose(split, [2, 3, 0, 4, 1, 5]), [images, height, width, outputs]);
}

/** The pixels of the overlapping tiles, shape [16, T C], T in the order of images, rows, columns. */
function tilesOf(tf: Tfjs, x: Tensor): Tensor {
  const [images, height, width, channels] = (x as Tensor4D).shape;
  const [down, across] = [height / OUTPUTS, width / OUTPUTS];
  const padded = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]);
  // Pixel i of tile t is row 2 t + i: in pairs of rows, the row i % 2 of the pair t + floor(i / 2).
  const pairs = tf.reshape(padded, [images, down + 1, OUTPUTS, across + 1, OUTPUTS, channels]);
  const pixels = Array.from({ length: INPUTS ** 2 }, (_, pixel) => {
    const [row, column] = [Math.floor(pixel / INPUTS), pixel % INPUTS];
    const from = [0, row >> 1, row % OUTPUTS, column >> 1, column % OUTPUTS, 0];
    return tf.reshape(tf.slice(pairs, from, [images, down, 1, across, 1, channels]), [-1]);
  });
  return tf.stack(pixels);
}

/** Applies a one-dimensional transformation to both dimensions of what the rows of `x` stand for. */
function transform(tf: Tfjs, one: readonly (readonly number[])[], x: Tensor): Tensor {
  return tf.matMul(tf.tensor2d(kronecker(one)), x as Tensor2D);
}

/** The Kronecker product of a matrix with itself. */
function kronecker(matrix: readonly (readonly number[])[]): number[][] {
  return matrix.flatMap((above) =>
    matrix.map((row) => above.flatMap((a) => row.map((value) => a * value)))
  );
}
