/**
 * Brightness, contrast, saturation and grey, byte for byte as Pillow's `ImageEnhance` and
 * conversion to "L" make them. All work in place on uint8 [H, W, 3].
 *
 * Source: `ImagingBlend` in Pillow's `Blend.c` (single precision, truncated), `L24` in `Convert.c`,
 * `ImageEnhance.py`.
 *
 * @module
 */
import { CHANNELS } from "./image.ts";

const table = new Uint8Array(256);

/** The luminance of a pixel, ITU-R 601-2 in 16-bit fixed point. */
export function luminance(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
}

/**
 * Moves a value from `degenerate` (factor 0) towards or beyond `value` (factor 1).
 *
 * @param factor A single-precision number, as `Math.fround` makes it.
 */
export function blend(degenerate: number, value: number, factor: number): number {
  const mixed = Math.fround(degenerate + Math.fround(factor * (value - degenerate)));
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : mixed | 0;
}

/** Scales all channels by the factor, at least 0; 1 changes nothing. */
export function adjustBrightness(image: Uint8Array, factor: number): void {
  blendWithConstant(image, 0, factor);
}

/** Scales the distance from the image's mean luminance by the factor, at least 0. */
export function adjustContrast(image: Uint8Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < image.length; i += CHANNELS) {
    sum += luminance(image[i], image[i + 1], image[i + 2]);
  }
  blendWithConstant(image, Math.trunc(sum / (image.length / CHANNELS) + 0.5), factor);
}

/** Scales each pixel's distance from its own luminance by the factor, at least 0. */
export function adjustSaturation(image: Uint8Array, factor: number): void {
  const single = Math.fround(factor);
  for (let i = 0; i < image.length; i += CHANNELS) {
    const red = image[i];
    const green = image[i + 1];
    const blue = image[i + 2];
    const grey = luminance(red, green, blue);
    image[i] = blend(grey, red, single);
    image[i + 1] = blend(grey, green, single);
    image[i + 2] = blend(grey, blue, single);
  }
}

/** Replaces each pixel by its luminance. */
export function toGrayscale(image: Uint8Array): void {
  for (let i = 0; i < image.length; i += CHANNELS) {
    const grey = luminance(image[i], image[i + 1], image[i + 2]);
    image[i] = grey;
    image[i + 1] = grey;
    image[i + 2] = grey;
  }
}

function blendWithConstant(image: Uint8Array, degenerate: number, factor: number): void {
  const single = Math.fround(factor);
  for (let value = 0; value < 256; value++) table[value] = blend(degenerate, value, single);
  for (let i = 0; i < image.length; i++) image[i] = table[image[i]];
}
