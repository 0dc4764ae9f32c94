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
import type { ImageSize } from "./image.ts";
import type { Pixels } from "./pixels.ts";

/** Channels whose sums, of 12 bits, do not meet within a word. */
const RED_AND_BLUE = 0xff00ff;
const GREEN = 0x00ff00;

/**
 * Sharpens (factor above 1) or smooths (below 1) an image. Its border keeps its values, and so does
 * an image of less than three pixels a side.
 *
 * @param pixels The input, [H, W].
 * @param size Its size.
 * @param factor At least 0; 1 changes nothing.
 * @param out The output, [H, W], another buffer than `pixels`.
 */
export function adjustSharpness(
  pixels: Pixels,
  { height, width }: ImageSize,
  factor: number,
  out: Pixels,
): void {
  const single = Math.fround(factor);
  out.set(pixels);
  for (let y = 1; y < height - 1; y++) {
    const end = (y + 1) * width - 1;
    for (let i = y * width + 1; i < end; i++) {
      const pixel = pixels[i];
      const others = weigh(pixels, i, width, RED_AND_BLUE);
      const green = smooth(weigh(pixels, i, width, GREEN) >> 8);
      out[i] = blend(smooth(others & 0xffff), pixel & 255, single) |
        blend(green, pixel >> 8 & 255, single) << 8 |
        blend(smooth(others >> 16), pixel >> 16, single) << 16;
    }
  }
}

/** The sum of a pixel's eight neighbours and five times itself, channel by channel of the mask. */
function weigh(pixels: Pixels, i: number, width: number, mask: number): number {
  const above = i - width;
  const below = i + width;
  return (pixels[above - 1] & mask) + (pixels[above] & mask) + (pixels[above + 1] & mask) +
    (pixels[i - 1] & mask) + 5 * (pixels[i] & mask) + (pixels[i + 1] & mask) +
    (pixels[below - 1] & mask) + (pixels[below] & mask) + (pixels[below + 1] & mask);
}

/** The thirteenth of a sum, rounded; that number is never halfway between two integers. */
function smooth(sum: number): number {
  return Math.trunc((2 * sum + 13) / 26);
}
