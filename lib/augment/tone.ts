/**
 * Point operations that map each channel through a table: posterize, solarize, autocontrast and
 * equalize, byte for byte as Pillow's `ImageOps` makes them. All work in place on uint8 [H, W, 3].
 *
 * Source: `ImageOps.py` in Pillow; a table's entries are clipped to bytes as by `Image.point`.
 *
 * @module
 */
import { CHANNELS } from "./image.ts";

const table = new Uint8Array(256);
const histogram = new Int32Array(256);

/** Keeps the highest `bits` (1 to 8) of every channel. */
export function posterize(image: Uint8Array, bits: number): void {
  const mask = 0xff << (8 - bits);
  for (let i = 0; i < image.length; i++) image[i] &= mask;
}

/** Inverts every channel that is at least `threshold`. */
export function solarize(image: Uint8Array, threshold: number): void {
  for (let i = 0; i < image.length; i++) {
    if (image[i] >= threshold) image[i] = 255 - image[i];
  }
}

/** Stretches each channel so that its least value becomes 0 and its greatest 255. */
export function autocontrast(image: Uint8Array): void {
  for (let channel = 0; channel < CHANNELS; channel++) {
    let least = 255;
    let greatest = 0;
    for (let i = channel; i < image.length; i += CHANNELS) {
      if (image[i] < least) least = image[i];
      if (image[i] > greatest) greatest = image[i];
    }
    if (greatest <= least) continue;
    const scale = 255 / (greatest - least);
    const offset = -least * scale;
    for (let value = least; value <= greatest; value++) {
      table[value] = clip(Math.trunc(value * scale + offset));
    }
    mapChannel(image, channel);
  }
}

/** Spreads each channel's values so that they are about equally frequent. */
export function equalize(image: Uint8Array): void {
  const pixels = image.length / CHANNELS;
  for (let channel = 0; channel < CHANNELS; channel++) {
    histogram.fill(0);
    for (let i = channel; i < image.length; i += CHANNELS) histogram[image[i]]++;
    const last = histogram.findLast((count) => count > 0) as number;
    const step = Math.floor((pixels - last) / 255);
    if (step === 0) continue;
    let below = Math.floor(step / 2);
    for (let value = 0; value < 256; value++) {
      table[value] = clip(Math.floor(below / step));
      below += histogram[value];
    }
    mapChannel(image, channel);
  }
}

function mapChannel(image: Uint8Array, channel: number): void {
  for (let i = channel; i < image.length; i += CHANNELS) image[i] = table[image[i]];
}

function clip(value: number): number {
  return Math.min(255, Math.max(0, value));
}
