/**
 * Brightness, contrast, saturation and grey, byte for byte as Pillow's `ImageEnhance` and
 * conversion to "L" make them. All work in place.
 *
 * Source: `ImagingBlend` in Pillow's `Blend.c` (single precision, truncated), `L24` in `Convert.c`,
 * `ImageEnhance.py`.
 *
 * @module
 */
import { mapChannels, type Pixels } from "./pixels.ts";

const table = new Uint8Array(256);
/** How far each distance from the luminance, -255 to 255, moves the luminance. */
const steps = new Int32Array(511);
/** Above this factor there are no steps. */
const GREATEST_FACTOR = 2;
/** The least and the greatest sum of a luminance and a step. */
const LEAST_SUM = -255 * GREATEST_FACTOR;
const GREATEST_SUM = 255 + 255 * GREATEST_FACTOR;
/** Bytes for all sums, from the least on. */
const clamped = new Uint8ClampedArray(GREATEST_SUM - LEAST_SUM + 1).map((_, i) => i + LEAST_SUM);
/** Images of fewer pixels are done before the steps are. */
const LEAST_PIXELS_FOR_STEPS = 512;

/** The luminance of a pixel, ITU-R 601-2 in 16-bit fixed point. */
function luminance(pixel: number): number {
  const weighted = 19595 * (pixel & 255) + 38470 * (pixel >> 8 & 255) + 7471 * (pixel >> 16);
  return (weighted + 0x8000) >> 16;
}

/**
 * Moves a value from `degenerate` (factor 0) towards or beyond `value` (factor 1).
 *
 * @param factor A single-precision number, as `Math.fround` makes it.
 */
export function blend(degenerate: number, value: number, factor: number): number {
  const mixed = Math.fround(degenerate + Math.fround(factor * (value - degenerate)));
  return Math.max(0, Math.min(255, mixed | 0));
}

/** Scales all channels by the factor, at least 0; 1 changes nothing. */
export function adjustBrightness(pixels: Pixels, factor: number): void {
  blendWithConstant(pixels, 0, factor);
}

/** Scales the distance from the image's mean luminance by the factor, at least 0. */
export function adjustContrast(pixels: Pixels, factor: number): void {
  let sum = 0;
  for (let i = 0; i < pixels.length; i++) sum += luminance(pixels[i]);
  blendWithConstant(pixels, Math.trunc(sum / pixels.length + 0.5), factor);
}

/** Scales each pixel's distance from its own luminance by the factor, at least 0. */
export function adjustSaturation(pixels: Pixels, factor: number): void {
  const single = Math.fround(factor);
  if (pixels.length >= LEAST_PIXELS_FOR_STEPS && fillSteps(single)) return takeSteps(pixels);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i];
    const grey = luminance(pixel);
    pixels[i] = blend(grey, pixel & 255, single) | blend(grey, pixel >> 8 & 255, single) << 8 |
      blend(grey, pixel >> 16, single) << 16;
  }
}

/**
 * Fills in the steps of a factor.
 *
 * @returns Whether they serve every luminance: rounding moves a sum, which is below 256, by up to
 * 2^-17, so that a step just below an integer reaches it from some luminances only.
 */
function fillSteps(factor: number): boolean {
  if (factor > GREATEST_FACTOR) return false;
  for (let distance = -255; distance <= 255; distance++) {
    const exact = Math.fround(factor * distance);
    const step = Math.floor(exact);
    if (exact - step >= 1 - 2 ** -17) return false;
    steps[distance + 255] = step;
  }
  return true;
}

function takeSteps(pixels: Pixels): void {
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i];
    const grey = luminance(pixel);
    const middle = 255 - grey;
    const start = grey - LEAST_SUM;
    pixels[i] = clamped[start + steps[middle + (pixel & 255)]] |
      clamped[start + steps[middle + (pixel >> 8 & 255)]] << 8 |
      clamped[start + steps[middle + (pixel >> 16)]] << 16;
  }
}

/** Replaces each pixel by its luminance. */
export function toGrayscale(pixels: Pixels): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = luminance(pixels[i]) * 0x010101;
}

function blendWithConstant(pixels: Pixels, degenerate: number, factor: number): void {
  const single = Math.fround(factor);
  for (let value = 0; value < 256; value++) table[value] = blend(degenerate, value, single);
  mapChannels(pixels, table, table, table);
}
