/**
 * Operations that map each channel through a table: posterize, solarize, autocontrast and equalize,
 * byte for byte as Pillow's `ImageOps` makes them. All work in place.
 *
 * Source: `ImageOps.py` in Pillow; a table's entries are clipped to bytes as by `Image.point`.
 *
 * @module
 */
import { mapChannels, type Pixels } from "./pixels.ts";

const tables = [new Uint8Array(256), new Uint8Array(256), new Uint8Array(256)] as const;
const histograms = [new Int32Array(256), new Int32Array(256), new Int32Array(256)] as const;

/** Keeps the highest `bits` (1 to 8) of every channel. */
export function posterize(pixels: Pixels, bits: number): void {
  const mask = (0xff << (8 - bits) & 0xff) * 0x010101;
  for (let i = 0; i < pixels.length; i++) pixels[i] &= mask;
}

/** Inverts every channel that is at least `threshold`. */
export function solarize(pixels: Pixels, threshold: number): void {
  const [table] = tables;
  for (let value = 0; value < 256; value++) table[value] = value < threshold ? value : 255 - value;
  mapChannels(pixels, table, table, table);
}

/** Stretches each channel so that its least value becomes 0 and its greatest 255. */
export function autocontrast(pixels: Pixels): void {
  mapByHistogram(pixels, (histogram, table) => {
    const least = histogram.findIndex((count) => count > 0);
    const greatest = histogram.findLastIndex((count) => count > 0);
    if (least === greatest) return false;
    const scale = 255 / (greatest - least);
    const offset = -least * scale;
    for (let value = 0; value < 256; value++) {
      table[value] = clip(Math.trunc(value * scale + offset));
    }
    return true;
  });
}

/** Spreads each channel's values so that they are about equally frequent. */
export function equalize(pixels: Pixels): void {
  mapByHistogram(pixels, (histogram, table) => {
    const last = histogram[histogram.findLastIndex((count) => count > 0)];
    const step = Math.floor((pixels.length - last) / 255);
    if (step === 0) return false;
    let below = Math.floor(step / 2);
    for (let value = 0; value < 256; value++) {
      table[value] = clip(Math.floor(below / step));
      below += histogram[value];
    }
    return true;
  });
}

/**
 * Maps each channel through a table made from its own histogram.
 *
 * @param fill Fills the table, or returns false to leave the channel as it is.
 */
function mapByHistogram(
  pixels: Pixels,
  fill: (histogram: Int32Array, table: Uint8Array) => boolean,
): void {
  const [red, green, blue] = histograms;
  for (const histogram of histograms) histogram.fill(0);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i];
    red[pixel & 255]++;
    green[pixel >> 8 & 255]++;
    blue[pixel >> 16]++;
  }
  histograms.forEach((histogram, channel) => {
    const table = tables[channel];
    if (!fill(histogram, table)) table.forEach((_, value) => table[value] = value);
  });
  mapChannels(pixels, ...tables);
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}
