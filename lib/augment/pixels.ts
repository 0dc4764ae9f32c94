/**
 * Images while they are worked on: one 32-bit integer a pixel, row-major [H, W],
 * red + green * 2^8 + blue * 2^16. Reading and writing whole pixels makes the operations about
 * twice as fast as on bytes.
 *
 * @module
 */
import { type Box, CHANNELS } from "./image.ts";

/** Pixels of an image, [H, W]. */
export type Pixels = Int32Array;

/**
 * Reads a box of an image.
 *
 * @param image uint8 [H, W, 3].
 * @param imageWidth W.
 * @param mirror Whether to reverse the rows.
 * @param pixels The box's pixels, [box height, box width]; more space may follow.
 */
export function packBox(
  image: Uint8Array,
  imageWidth: number,
  box: Box,
  mirror: boolean,
  pixels: Pixels,
): void {
  const step = mirror ? -1 : 1;
  for (let y = 0; y < box.height; y++) {
    let from = ((box.top + y) * imageWidth + box.left) * CHANNELS;
    let to = y * box.width + (mirror ? box.width - 1 : 0);
    for (let x = 0; x < box.width; x++, from += CHANNELS, to += step) {
      pixels[to] = image[from] | image[from + 1] << 8 | image[from + 2] << 16;
    }
  }
}

/** Writes all pixels to an image, uint8 [H, W, 3]. */
export function unpack(pixels: Pixels, image: Uint8Array): void {
  for (let i = 0, to = 0; i < pixels.length; i++, to += CHANNELS) {
    const pixel = pixels[i];
    image[to] = pixel;
    image[to + 1] = pixel >> 8;
    image[to + 2] = pixel >> 16;
  }
}

/** Maps each channel through a table of 256 bytes, in place. */
export function mapChannels(
  pixels: Pixels,
  red: Uint8Array,
  green: Uint8Array,
  blue: Uint8Array,
): void {
  for (let i = 0; i < pixels.length; i++) {
    const pixel = pixels[i];
    pixels[i] = red[pixel & 255] | green[pixel >> 8 & 255] << 8 | blue[pixel >> 16] << 16;
  }
}
