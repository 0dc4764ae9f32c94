/**
 * Sharpness, byte for byte as Pillow's `ImageEnhance.Sharpness` makes it: the blend of an image
 * with its smoothed self.
 *
 * Source: `ImageFilter.SMOOTH` and `ImagingFilter3x3` in Pillow. Pillow sums in single precision;
 * its error is far below 1/26, the least distance of a sum over 13 from a rounding boundary, so
 * that integers give the same bytes.
 *
 * @module
 */
import { blend } from "./blend.ts";
import { CHANNELS, type ImageSize } from "./image.ts";

/**
 * Sharpens (factor above 1) or smooths (below 1) an image. Its border keeps its values, and so does
 * an image of less than three pixels a side.
 *
 * @param image The input, uint8 [H, W, 3].
 * @param size Its size.
 * @param factor At least 0; 1 changes nothing.
 * @param out The output, uint8 [H, W, 3], another buffer than `image`.
 */
export function adjustSharpness(
  image: Uint8Array,
  { height, width }: ImageSize,
  factor: number,
  out: Uint8Array,
): void {
  const single = Math.fround(factor);
  const stride = width * CHANNELS;
  out.set(image);
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * stride - CHANNELS;
    for (let i = y * stride + CHANNELS; i < end; i++) {
      out[i] = blend(smooth(image, i, stride), image[i], single);
    }
  }
}

/** The mean of a value and its eight neighbours, itself counted five times. */
function smooth(image: Uint8Array, i: number, stride: number): number {
  const above = i - stride;
  const below = i + stride;
  const sum = image[above - CHANNELS] + image[above] + image[above + CHANNELS] +
    image[i - CHANNELS] + 5 * image[i] + image[i + CHANNELS] +
    image[below - CHANNELS] + image[below] + image[below + CHANNELS];
  return Math.trunc((2 * sum + 13) / 26);
}
