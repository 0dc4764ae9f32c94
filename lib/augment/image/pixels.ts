/**
 * Images while they are worked on: one 32-bit integer a pixel, row-major [H, W],
 * red + green * 2^8 + blue * 2^16. Reading and writing whole pixels makes the operations about
 * twice as fast as on bytes.
 *
 * @module
 */
import { CHANNELS } from "./image.ts";

/** Pixels of an image, [H, W]. */
export type Pixels = Int32Array;

/**
 * Reads an image, four pixels of three words at a time where it starts at a word's border.
 *
 * @param image uint8 [H, W, 3].
 * @param pixels Its pixels, [H, W]; more space may follow.
 */
export function pack(image: Uint8Array, pixels: Pixels): void {
  const words = wordsOf(image);
  let i = 0;
  for (let from = 0; from < words.length; from += 3, i += 4) {
    const first = words[from];
    const second = words[from + 1];
    const third = words[from + 2];
    pixels[i] = first & 0xffffff;
    pixels[i + 1] = first >>> 24 | (second & 0xffff) << 8;
    pixels[i + 2] = second >>> 16 | (third & 0xff) << 16;
    pixels[i + 3] = third >>> 8;
  }
  for (let from = i * CHANNELS; from < image.length; i++, from += CHANNELS) {
    pixels[i] = image[from] | image[from + 1] << 8 | image[from + 2] << 16;
  }
}

/** Writes all pixels to an image, uint8 [H, W, 3]: the way back from {@link pack}. */
export function unpack(pixels: Pixels, image: Uint8Array): void {
  const words = wordsOf(image);
  let i = 0;
  for (let to = 0; to < words.length; to += 3, i += 4) {
    const second = pixels[i + 1];
    const third = pixels[i + 2];
    words[to] = pixels[i] | second << 24;
    words[to + 1] = second >>> 8 | third << 16;
    words[to + 2] = third >>> 16 | pixels[i + 3] << 8;
  }
  for (let to = i * CHANNELS; i < pixels.length; i++, to += CHANNELS) {
    const pixel = pixels[i];
    image[to] = pixel;
    image[to + 1] = pixel >> 8;
    image[to + 2] = pixel >> 16;
  }
}

/**
 * The words of an image's first pixels, three for every four pixels; none if it does not start at a
 * word's border. The least significant byte comes first on every platform of Deno's.
 */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array {
  const isAligned = byteOffset % Int32Array.BYTES_PER_ELEMENT === 0;
  return new Int32Array(
    buffer,
    isAligned ? byteOffset : 0,
    isAligned ? Math.floor(length / 12) * 3 : 0,
  );
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
