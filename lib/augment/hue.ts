/**
 * The hue shift, byte for byte as torchvision makes it with Pillow: to HSV in bytes, a wrapping
 * addition to the hue, and back. Works in place.
 *
 * Source: `rgb2hsv_row` and `hsv2rgb` in Pillow's `Convert.c`, whose mixture of single and double
 * precision is followed; `adjust_hue` in torchvision.
 *
 * The conversion depends on few numbers: the order of the channels, the largest (the value V), the
 * chroma (largest less smallest) and the gap (largest less middle). Tables hold what is costly, and
 * there is no branch a pixel: in natural images it would often be predicted wrongly.
 *
 * @module
 */
import type { Pixels } from "./pixels.ts";

/** The hue's byte at [order, chroma, gap]. */
const hueTable = new Uint8Array(8 << 16);
/** The saturation's byte at [largest, chroma]. */
const saturationTable = new Uint8Array(1 << 16);
/** The smallest channel after the way to HSV and back, at [largest, chroma]. */
const smallestTable = new Uint8Array(1 << 16);
/** A saturation's byte as a fraction, in single precision. */
const fractionTable = new Float32Array(256);
/** The sixth of the colour circle that a hue's byte lies in. */
const sectorTable = new Uint8Array(256);
/**
 * How far the middle channel falls from the largest towards the smallest, at a hue's byte: in odd
 * sectors the place within the sector, in even ones 1 less that place.
 */
const fallTable = new Float64Array(256);
/** The bits at which the largest, middle and smallest channel of a pixel start, by sector. */
const LARGEST_SHIFTS = Uint8Array.of(0, 8, 8, 16, 16, 0);
const MIDDLE_SHIFTS = Uint8Array.of(8, 0, 16, 8, 0, 16);
const SMALLEST_SHIFTS = Uint8Array.of(16, 16, 0, 0, 8, 8);
let tablesAreFilled = false;

/**
 * Turns the hue of every pixel.
 *
 * @param turn A fraction of the circle, in [-0.5, 0.5]; it is cut to a multiple of 1/255 towards
 * zero.
 */
export function adjustHue(pixels: Pixels, turn: number): void {
  if (!tablesAreFilled) fillTables();
  const shift = Math.trunc(turn * 255);
  for (let i = 0; i < pixels.length; i++) {
    const red = pixels[i] & 255;
    const green = pixels[i] >> 8 & 255;
    const blue = pixels[i] >> 16;
    const upper = greater(red, green);
    const lower = red + green - upper;
    const largest = greater(upper, blue);
    const smallest = lower + blue - greater(lower, blue);
    const middle = red + green + blue - largest - smallest;
    const chroma = largest - smallest;
    const order = channelOrder(red, green, blue);
    const hue = (hueTable[order << 16 | chroma << 8 | (largest - middle)] + shift) & 255;
    const color = largest << 8 | chroma;
    const fall = fractionTable[saturationTable[color]] * fallTable[hue];
    // Pillow rounds `fall` to single precision in odd sectors; no byte of the 2^24 results differs.
    const newMiddle = (largest * (1 - fall) + 0.5) | 0;
    const sector = sectorTable[hue];
    pixels[i] = largest << LARGEST_SHIFTS[sector] | newMiddle << MIDDLE_SHIFTS[sector] |
      smallestTable[color] << SMALLEST_SHIFTS[sector];
  }
}

/** The greater of two bytes, without a branch. */
function greater(a: number, b: number): number {
  return a + ((b - a) & ~(b - a >> 31));
}

/** Which channels are less than which: red than green, green than blue, red than blue. */
function channelOrder(red: number, green: number, blue: number): number {
  return (red - green) >>> 31 | ((green - blue) >>> 31) << 1 | ((red - blue) >>> 31) << 2;
}

function fillTables(): void {
  for (let chroma = 1; chroma < 256; chroma++) {
    for (let gap = 0; gap <= chroma; gap++) fillHues(chroma, gap);
  }
  for (let byte = 0; byte < 256; byte++) {
    fractionTable[byte] = byte / 255;
    const sector = Math.floor(byte * 6 / 255);
    const place = Math.fround(byte * 6 / 255 - sector);
    sectorTable[byte] = sector % 6;
    fallTable[byte] = sector % 2 === 1 ? place : 1 - place;
  }
  for (let largest = 1; largest < 256; largest++) {
    for (let chroma = 0; chroma <= largest; chroma++) {
      const saturation = Math.trunc(Math.fround(chroma / largest) * 255);
      saturationTable[largest << 8 | chroma] = saturation;
      smallestTable[largest << 8 | chroma] = Math.round(
        largest * (1 - fractionTable[saturation]),
      );
    }
  }
  tablesAreFilled = true;
}

/** Fills in the hues of the six orders of the channels. */
function fillHues(chroma: number, gap: number): void {
  const middle = chroma - gap;
  const ratio = Math.fround(gap / chroma);
  const set = (red: number, green: number, blue: number, sixths: number) => {
    const order = channelOrder(red, green, blue);
    hueTable[order << 16 | chroma << 8 | gap] = hueByte(sixths);
  };
  // Where channels are equal, red takes precedence over green and green over blue: it comes last.
  set(middle, 0, chroma, 4 + 1 - ratio);
  set(0, middle, chroma, 4 + ratio - 1);
  set(0, chroma, middle, 2 + 1 - ratio);
  set(middle, chroma, 0, 2 + ratio - 1);
  set(chroma, 0, middle, ratio - 1);
  set(chroma, middle, 0, 1 - ratio);
}

/** The byte of a hue in sixths of the circle, from -1 to 5. */
function hueByte(sixths: number): number {
  const turns = Math.fround((Math.fround(sixths) / 6 + 1) % 1);
  return Math.trunc(turns * 255);
}
