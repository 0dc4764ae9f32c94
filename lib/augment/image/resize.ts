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
import { type Box, CHANNELS, checkImage, checkSize, imageBytes, type ImageSize } from "./image.ts";
import { pack, type Pixels, unpack } from "./pixels.ts";
import { bilinearTaps, type Taps, WEIGHT_BITS } from "./taps.ts";

const HALF = 1 << (WEIGHT_BITS - 1);

/** Resizes boxes of images of one size to one size, keeping tables and scratch space. */
export class Resizer {
  readonly #input: ImageSize;
  readonly #output: ImageSize;
  readonly #widthTaps: (Taps | undefined)[] = [];
  readonly #heightTaps: (Taps | undefined)[] = [];
  /** The rows of the image that have a part in the box. */
  readonly #source: Pixels;
  /** The box resized along one axis. */
  readonly #middle: Pixels;

  /** @throws {RangeError} If a size is no pair of positive integers. */
  constructor(input: ImageSize, output: ImageSize) {
    checkSize("input image", input);
    checkSize("output image", output);
    this.#input = input;
    this.#output = output;
    this.#source = new Int32Array(input.height * input.width);
    this.#middle = new Int32Array(
      Math.max(input.height * output.width, output.height * input.width),
    );
  }

  /**
   * Resizes one box of an image to the output size.
   *
   * @param image The image, uint8 [H, W, 3] of the input size.
   * @param box A rectangle that lies within it.
   * @param mirror Whether to flip the result horizontally.
   * @param out The result, [H, W] of the output size.
   */
  resize(image: Uint8Array, box: Box, mirror: boolean, out: Pixels): void {
    const { height, width } = this.#output;
    const source = this.#source;
    const middle = this.#middle;
    const imageWidth = this.#input.width;
    const rowBytes = imageWidth * CHANNELS;
    pack(image.subarray(box.top * rowBytes, (box.top + box.height) * rowBytes), source);
    if (box.height === height && box.width === width) {
      copyBox(source, imageWidth, box.left, this.#output, mirror, out);
      return;
    }
    const widthTaps = this.#widthTaps[box.width] ??= bilinearTaps(box.width, width);
    const heightTaps = this.#heightTaps[box.height] ??= bilinearTaps(box.height, height);
    if (shrinksMostlyInHeight(box, this.#output)) {
      resizeHeight(source, box.left, imageWidth, box.width, heightTaps, middle);
      resizeWidth(middle, 0, box.width, height, widthTaps, mirror, out);
    } else {
      resizeWidth(source, box.left, imageWidth, box.height, widthTaps, mirror, middle);
      resizeHeight(middle, 0, width, width, heightTaps, out);
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
  const pixels = new Int32Array(to.height * to.width);
  new Resizer(from, to).resize(image, { top: 0, left: 0, ...from }, false, pixels);
  const out = new Uint8Array(imageBytes(to));
  unpack(pixels, out);
  return out;
}

/** Whether the vertical pass comes first: it then leaves less for the horizontal one to do. */
function shrinksMostlyInHeight(box: Box, output: ImageSize): boolean {
  const lostRows = box.height - output.height;
  return lostRows > 0 && lostRows > 2 * (box.width - output.width);
}

/** Copies a box of the output's size. */
function copyBox(
  pixels: Pixels,
  stride: number,
  start: number,
  { height, width }: ImageSize,
  mirror: boolean,
  out: Pixels,
): void {
  for (let y = 0, from = start, to = 0; y < height; y++, from += stride, to += width) {
    out.set(pixels.subarray(from, from + width), to);
    if (mirror) out.subarray(to, to + width).reverse();
  }
}

/**
 * The horizontal pass: a box of the given height to [height, the taps' number of outputs].
 *
 * @param start The box's first pixel.
 * @param stride The distance of its rows.
 */
function resizeWidth(
  pixels: Pixels,
  start: number,
  stride: number,
  height: number,
  taps: Taps,
  mirror: boolean,
  out: Pixels,
): void {
  const { first, weights, coarse, count } = taps;
  const outWidth = first.length;
  const step = mirror ? -1 : 1;
  for (let y = 0, row = start; y < height; y++, row += stride) {
    let to = mirror ? (y + 1) * outWidth - 1 : y * outWidth;
    if (coarse !== null) {
      for (let x = 0; x < outWidth; x++, to += step) {
        const from = row + first[x];
        out[to] = mixCoarsely(pixels[from], pixels[from + 1], coarse[2 * x], coarse[2 * x + 1]);
      }
    } else if (count === 2) {
      for (let x = 0; x < outWidth; x++, to += step) {
        const from = row + first[x];
        out[to] = mix(pixels[from], pixels[from + 1], weights[2 * x], weights[2 * x + 1]);
      }
    } else {
      for (let x = 0; x < outWidth; x++, to += step) {
        out[to] = weigh(pixels, row + first[x], 1, taps, x);
      }
    }
  }
}

/**
 * The vertical pass: a box of the given width to [the taps' number of outputs, width].
 *
 * @param start The box's first pixel.
 * @param stride The distance of its rows.
 */
function resizeHeight(
  pixels: Pixels,
  start: number,
  stride: number,
  width: number,
  taps: Taps,
  out: Pixels,
): void {
  const { first, weights, coarse, count } = taps;
  let to = 0;
  for (let y = 0; y < first.length; y++) {
    let from = start + first[y] * stride;
    const end = to + width;
    if (coarse !== null) {
      const weight0 = coarse[2 * y];
      const weight1 = coarse[2 * y + 1];
      for (; to < end; to++, from++) {
        out[to] = mixCoarsely(pixels[from], pixels[from + stride], weight0, weight1);
      }
    } else if (count === 2) {
      const weight0 = weights[2 * y];
      const weight1 = weights[2 * y + 1];
      for (; to < end; to++, from++) {
        out[to] = mix(pixels[from], pixels[from + stride], weight0, weight1);
      }
    } else {
      for (; to < end; to++, from++) out[to] = weigh(pixels, from, stride, taps, y);
    }
  }
}

/**
 * The weighted mean of two pixels with weights of 8 bits that sum to 2^8: the products of red and
 * blue, of 16 bits each, share a word.
 */
function mixCoarsely(a: number, b: number, weight0: number, weight1: number): number {
  const others = Math.imul(a & 0xff00ff, weight0) + Math.imul(b & 0xff00ff, weight1) + 0x800080;
  const green = Math.imul(a & 0x00ff00, weight0) + Math.imul(b & 0x00ff00, weight1) + 0x008000;
  return others >>> 8 & 0xff00ff | green >>> 8 & 0x00ff00;
}

/** The weighted mean of two pixels: all that an enlargement needs. */
function mix(a: number, b: number, weight0: number, weight1: number): number {
  const red = Math.imul(a & 255, weight0) + Math.imul(b & 255, weight1) + HALF;
  const green = Math.imul(a >> 8 & 255, weight0) + Math.imul(b >> 8 & 255, weight1) + HALF;
  const blue = Math.imul(a >> 16, weight0) + Math.imul(b >> 16, weight1) + HALF;
  return red >> WEIGHT_BITS | green >> WEIGHT_BITS << 8 | blue >> WEIGHT_BITS << 16;
}

/** The weighted mean of the inputs of one output, which stand `stride` pixels apart. */
function weigh(pixels: Pixels, from: number, stride: number, taps: Taps, output: number): number {
  let red = HALF;
  let green = HALF;
  let blue = HALF;
  for (let k = output * taps.count; k < (output + 1) * taps.count; k++, from += stride) {
    const pixel = pixels[from];
    const weight = taps.weights[k];
    red += Math.imul(pixel & 255, weight);
    green += Math.imul(pixel >> 8 & 255, weight);
    blue += Math.imul(pixel >> 16, weight);
  }
  return red >> WEIGHT_BITS | green >> WEIGHT_BITS << 8 | blue >> WEIGHT_BITS << 16;
}
