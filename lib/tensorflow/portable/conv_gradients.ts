/**
 * The gradients of a convolution as ordinary convolutions, for backends whose own gradient kernels
 * are missing or slow. Letters: N images, H x W input, P x Q output, K x L kernel, C input and O
 * output channels.
 *
 * @module
 */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { Tfjs } from "../runtime.ts";

/** What a convolution does to positions; rows first, then columns. */
export interface ConvGeometry {
  readonly strides: readonly [number, number];
  /** Rows of zeros above, columns of zeros to the left. */
  readonly padding: readonly [number, number];
}

type Range = readonly [before: number, after: number];
type Pair = readonly [number, number];

/**
 * The gradient with respect to the filter: a convolution of `x` by `dy`, dilated by the stride,
 * with images and channels having changed places, so that the sum runs over images and positions.
 *
 * @param x Shape [N,H,W,C].
 * @param dy Shape [N,P,Q,O].
 * @param kernel K and L.
 * @returns shape [K,L,C,O].
 */
export function convFilterGradient(
  tf: Tfjs,
  x: Tensor4D,
  dy: Tensor4D,
  kernel: Pair,
  { strides, padding }: ConvGeometry,
): Tensor4D {
  return tf.tidy(() => {
    // Output k of the sum is x[s p + k - padding] dy[p]: k runs over `kernel` values.
    const after = [0, 1].map((i) => {
      const spread = strides[i] * (dy.shape[1 + i] - 1) + 1;
      return spread + kernel[i] - 1 - padding[i] - x.shape[1 + i];
    });
    const images = tf.transpose(x, [3, 1, 2, 0]);
    const filter = tf.transpose(dy, [1, 2, 0, 3]);
    const sum = convolve(tf, images, filter, {
      rows: [padding[0], after[0]],
      columns: [padding[1], after[1]],
      dilations: strides,
    });
    return tf.transpose(sum, [1, 2, 0, 3]);
  });
}

/**
 * The gradient with respect to the input: one ordinary convolution of `dy` for each phase of the
 * stride, by the part of the reversed filter that falls on that phase; the phases interleave.
 * No multiplication is by a zero that the stride put in.
 *
 * @param dy Shape [N,P,Q,O].
 * @param filter Shape [K,L,C,O].
 * @param input H and W.
 * @returns shape [N,H,W,C].
 */
export function convInputGradient(
  tf: Tfjs,
  dy: Tensor4D,
  filter: Tensor4D,
  input: Pair,
  { strides, padding }: ConvGeometry,
): Tensor4D {
  return tf.tidy(() => {
    const reversed = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    const [rows, columns] = [0, 1].map((i) =>
      phasesOf(input[i], dy.shape[1 + i], filter.shape[i], strides[i], padding[i])
    );
    const strips = rows.map((row) =>
      interleave(tf, columns.map((column) => phase(tf, dy, reversed, row, column)), 2)
    );
    const whole = interleave(tf, strips, 1);
    const fits = whole.shape[1] === input[0] && whole.shape[2] === input[1];
    return fits ? whole : tf.slice(whole, [0, 0, 0, 0], [-1, ...input, -1]);
  });
}

/** One phase of one dimension: the input positions that have the same remainder by the stride. */
interface Phase {
  /** Where the reversed filter's taps of this phase begin, and how many there are. */
  readonly firstTap: number;
  readonly taps: number;
  readonly stride: number;
  /** Zeros around `dy` such that a convolution by these taps gives this phase. */
  readonly zeros: Range;
  /** Number of positions, and how many more the longest phase has. */
  readonly count: number;
  readonly missing: number;
}

/**
 * Input position i = s t + first meets tap k = a + s j at output u - j, where a is the remainder of
 * i + padding and u = floor((i + padding) / s) counts from `u` of the first position.
 */
function phasesOf(
  size: number,
  outputs: number,
  kernel: number,
  stride: number,
  padding: number,
): Phase[] {
  const longest = Math.ceil(size / stride);
  return Array.from({ length: Math.min(stride, size) }, (_, first) => {
    const remainder = (first + padding) % stride;
    const taps = Math.max(0, Math.ceil((kernel - remainder) / stride));
    const count = Math.ceil((size - first) / stride);
    const u = Math.floor((first + padding) / stride);
    const lastTap = remainder + stride * (taps - 1);
    return {
      firstTap: kernel - 1 - lastTap,
      taps,
      stride,
      zeros: [taps - 1 - u, count - outputs + u],
      count,
      missing: longest - count,
    };
  });
}

function phase(tf: Tfjs, dy: Tensor4D, reversed: Tensor4D, row: Phase, column: Phase): Tensor4D {
  const [, , outputs, channels] = reversed.shape;
  if (row.taps === 0 || column.taps === 0) {
    const shape = [row.count + row.missing, column.count + column.missing] as const;
    return tf.zeros([dy.shape[0], ...shape, channels]);
  }
  const taps = tf.stridedSlice(
    reversed,
    [row.firstTap, column.firstTap, 0, 0],
    [lastOf(row), lastOf(column), outputs, channels],
    [row.stride, column.stride, 1, 1],
  ) as Tensor4D;
  const part = convolve(tf, dy, taps, { rows: row.zeros, columns: column.zeros });
  if (row.missing === 0 && column.missing === 0) return part;
  return tf.pad(part, [[0, 0], [0, row.missing], [0, column.missing], [0, 0]]);
}

function lastOf({ firstTap, taps, stride }: Phase): number {
  return firstTap + stride * (taps - 1) + 1;
}

/** Puts the positions of equally long tensors side by side along an axis: a0 b0 a1 b1 … */
function interleave(tf: Tfjs, parts: Tensor4D[], axis: 1 | 2): Tensor4D {
  if (parts.length === 1) return parts[0];
  const [images, rows, columns, channels] = parts[0].shape;
  const inner = axis === 1 ? [columns * channels] : [channels];
  const outer = axis === 1 ? [images * rows] : [images * rows * columns];
  const joined = tf.concat(parts.map((part) => tf.reshape(part, [...outer, ...inner])), 1);
  const shape: [number, number, number, number] = [images, rows, columns, channels];
  shape[axis] *= parts.length;
  return tf.reshape(joined, shape);
}

/** A convolution of stride 1 with zeros around the image; where they are negative, it is cropped. */
function convolve(
  tf: Tfjs,
  x: Tensor4D,
  filter: Tensor4D,
  { rows, columns, dilations = [1, 1] }: { rows: Range; columns: Range; dilations?: Pair },
): Tensor4D {
  const cropped = crop(tf, x, rows, columns);
  const zeros = (range: Range): [number, number] => [Math.max(0, range[0]), Math.max(0, range[1])];
  return tf.conv2d(
    cropped,
    filter,
    1,
    [[0, 0], zeros(rows), zeros(columns), [0, 0]],
    "NHWC",
    [...dilations],
  );
}

function crop(tf: Tfjs, x: Tensor4D, rows: Range, columns: Range): Tensor4D {
  if ([...rows, ...columns].every((zeros) => zeros >= 0)) return x;
  const [images, height, width, channels] = x.shape;
  const from = [rows[0], columns[0]].map((zeros) => Math.max(0, -zeros));
  const to = [height + Math.min(0, rows[1]), width + Math.min(0, columns[1])];
  return tf.slice(x, [0, ...from, 0], [images, to[0] - from[0], to[1] - from[1], channels]);
}
