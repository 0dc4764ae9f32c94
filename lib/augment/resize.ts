/**
 * Crops and bilinear resizes, byte for byte as Pillow makes them: two passes in fixed point with
 * the intermediate image rounded to bytes.
 *
 * Source: `ImagingResample` in Pillow's `Resample.c`; `resized_crop` in torchvision. The order of
 * the passes is that of Pillow 13; up to Pillow 12 the horizontal pass always came first, which
 * matters only where the height shrinks.
 *
 * @module
 */
import { CHANNELS, checkImage, checkSize, imageBytes, type ImageSize } from "./image.ts";
import { bilinearTaps, type Taps, WEIGHT_BITS } from "./taps.ts";

const HALF = 1 << (WEIGHT_BITS - 1);

/** A rectangle within an image, in pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Resizes boxes of images of one size to images of one size, keeping tables and scratch space. */
export class Resizer {
  readonly #input: ImageSize;
  readonly #output: ImageSize;
  readonly #columnTaps: (Taps | undefined)[] = [];
  readonly #rowTaps: (Taps | undefined)[] = [];
  /** The image between the passes: resized along one axis. */
  readonly #middle: Uint8Array;

  /** @throws {RangeError} If a size is no pair of positive integers. */
  constructor(input: ImageSize, output: ImageSize) {
    checkSize("input image", input);
    checkSize("output image", output);
    this.#input = input;
    this.#output = output;
    this.#middle = new Uint8Array(
      Math.max(input.height * output.width, output.height * input.width) * CHANNELS,
    );
  }

  /**
   * Resizes one box of an image to the output size.
   *
   * @param image The image, uint8 [H, W, 3] of the input size.
   * @param box A rectangle that lies within it.
   * @param mirror Whether to flip the result horizontally.
   * @param out The result, uint8 [H, W, 3] of the output size.
   */
  resize(image: Uint8Array, box: Box, mirror: boolean, out: Uint8Array): void {
    const { height, width } = this.#output;
    if (!mirror && box.height === height && box.width === width) {
      copyBox(image, this.#input.width, box, out);
      return;
    }
    const columns = this.#columnTaps[box.width] ??= bilinearTaps(box.width, width);
    const rows = this.#rowTaps[box.height] ??= bilinearTaps(box.height, height);
    const stride = this.#input.width * CHANNELS;
    const origin = box.top * stride + box.left * CHANNELS;
    const middle = this.#middle;
    if (shrinksMostlyInHeight(box, this.#output)) {
      const rowBytes = box.width * CHANNELS;
      resizeHeight(image, origin, stride, rowBytes, rows, middle);
      resizeWidth(middle, 0, rowBytes, height, columns, mirror, out);
    } else {
      const rowBytes = width * CHANNELS;
      resizeWidth(image, origin, stride, box.height, columns, mirror, middle);
      resizeHeight(middle, 0, rowBytes, rowBytes, rows, out);
    }
  }
}

/**
 * Resizes a whole image as Pillow's `Image.resize` with `BILINEAR` does.
 *
 * @param image The image, uint8 [H, W, 3] of size `from`.
 * @returns The resized image, uint8 [H, W, 3] of size `to`.
 * @throws {RangeError} If the image does not have its size, or a size is no image's.
 */
export function resizeBilinear(
  image: Uint8Array,
  from: ImageSize,
  to: ImageSize,
): Uint8Array<ArrayBuffer> {
  checkImage("image to resize", image, from);
  const resizer = new Resizer(from, to);
  const out = new Uint8Array(imageBytes(to));
  resizer.resize(image, { top: 0, left: 0, ...from }, false, out);
  return out;
}

function copyBox(image: Uint8Array, imageWidth: number, box: Box, out: Uint8Array): void {
  const rowBytes = box.width * CHANNELS;
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * imageWidth + box.left) * CHANNELS;
    out.set(image.subarray(start, start + rowBytes), y * rowBytes);
  }
}

/** Whether the vertical pass comes first: it then leaves less for the horizontal one to do. */
function shrinksMostlyInHeight(box: Box, output: ImageSize): boolean {
  const lostRows = box.height - output.height;
  return lostRows > 0 && lostRows > 2 * (box.width - output.width);
}

/**
 * The horizontal pass, to contiguous rows.
 *
 * @param from Where the first row starts in `image`, in bytes.
 * @param stride The bytes from one row to the next.
 * @param height The number of rows.
 */
function resizeWidth(
  image: Uint8Array,
  from: number,
  stride: number,
  height: number,
  taps: Taps,
  mirror: boolean,
  out: Uint8Array,
): void {
  const width = taps.first.length;
  const outStride = width * CHANNELS;
  for (let x = 0; x < width; x++) {
    let at = from + taps.first[x] * CHANNELS;
    let to = (mirror ? width - 1 - x : x) * CHANNELS;
    if (taps.count === 2) {
      const weight0 = taps.weights[2 * x];
      const weight1 = taps.weights[2 * x + 1];
      for (let y = 0; y < height; y++, at += stride, to += outStride) {
        out[to] = mix(image[at], image[at + 3], weight0, weight1);
        out[to + 1] = mix(image[at + 1], image[at + 4], weight0, weight1);
        out[to + 2] = mix(image[at + 2], image[at + 5], weight0, weight1);
      }
    } else {
      for (let y = 0; y < height; y++, at += stride, to += outStride) {
        for (let channel = 0; channel < CHANNELS; channel++) {
          out[to + channel] = weigh(image, at + channel, CHANNELS, taps, x);
        }
      }
    }
  }
}

/**
 * The vertical pass, to contiguous rows.
 *
 * @param from Where the first row starts in `image`, in bytes.
 * @param stride The bytes from one row to the next.
 * @param rowBytes The bytes of a row that are used.
 */
function resizeHeight(
  image: Uint8Array,
  from: number,
  stride: number,
  rowBytes: number,
  taps: Taps,
  out: Uint8Array,
): void {
  const height = taps.first.length;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let at = from + taps.first[y] * stride;
    const end = to + rowBytes;
    if (taps.count === 2) {
      const weight0 = taps.weights[2 * y];
      const weight1 = taps.weights[2 * y + 1];
      for (; to < end; to++, at++) {
        out[to] = mix(image[at], image[at + stride], weight0, weight1);
      }
    } else {
      for (; to < end; to++, at++) out[to] = weigh(image, at, stride, taps, y);
    }
  }
}

/** The weighted sum of two bytes: all that an enlargement needs. */
function mix(a: number, b: number, weight0: number, weight1: number): number {
  return (Math.imul(a, weight0) + Math.imul(b, weight1) + HALF) >> WEIGHT_BITS;
}

/** The weighted sum of the inputs of one output, which stand `stride` bytes apart. */
function weigh(
  image: Uint8Array,
  from: number,
  stride: number,
  taps: Taps,
  output: number,
): number {
  let sum = HALF;
  for (let k = output * taps.count; k < (output + 1) * taps.count; k++, from += stride) {
    sum = (sum + Math.imul(image[from], taps.weights[k])) | 0;
  }
  return sum >> WEIGHT_BITS;
}
