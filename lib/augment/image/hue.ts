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
/**
 * At [largest, chroma], the smallest channel after the way to HSV and back, in the low byte, and
 * the saturation in the high one.
 */
const colorTable = new Uint16Array(1 << 16);
/**
 * How far the middle channel falls from the largest towards the smallest, at a hue's byte, divided
 * by 255: in odd sectors the place within the sector, in even ones 1 less that place.
 */
const fallTable = new Float64Array(256);
/** The bits at which the largest, middle and smallest channel of a pixel start, a byte each. */
const placesByHue = new Int32Array(256);
/** The same by sixth of the colour circle, from red over yellow. */
const PLACES_BY_SECTOR = [0x100800, 0x100008, 0x001008, 0x000810, 0x080010, 0x081000] as const;
/** The same by the order of the channels; two of the eight numbers are of no order. */
const placesByOrder = Int32Array.from([0, 1, 5, 0, 0, 2, 4, 3], (i) => PLACES_BY_SECTOR[i]);
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
    const pixel = pixels[i];
    const order = channelOrder(pixel & 255, pixel >> 8 & 255, pixel >> 16);
    const places = placesByOrder[order];
    const largest = pixel >> places & 255;
    const gap = largest - (pixel >> (places >> 8) & 255);
    const chroma = largest - (pixel >> (places >> 16) & 255);
    const hue = (hueTable[order << 16 | chroma << 8 | gap] + shift) & 255;
    const color = colorTable[largest << 8 | chroma];
    // Pillow rounds to single precision on the way; no byte of the 2^24 results differs.
    const newMiddle = (largest + 0.5 - largest * (color >> 8) * fallTable[hue]) | 0;
    const newPlaces = placesByHue[hue];
    pixels[i] = largest << newPlaces | newMiddle << (newPlaces >> 8) |
      (color & 255) << (newPlaces >> 16);
  }
}

/** Which channels are less than which: red than green, green than blue, red than blue. */
function channelOrder(red: number, green: number, blue: number): number {
  return (red - green) >> 31 & 1 | (green - blue) >> 31 & 2 | (red - blue) >> 31 & 4;
}

function fillTables(): void {
  for (let chroma = 1; chroma < 256; chroma++) {
    for (let gap = 0; gap <= chroma; gap++) fillHues(chroma, gap);
  }
  for (let byte = 0; byte < 256; byte++) {
    const sector = Math.floor(byte * 6 / 255);
    const place = Math.fround(byte * 6 / 255 - sector);
    placesByHue[byte] = PLACES_BY_SECTOR[sector % 6];
    fallTable[byte] = (sector % 2 === 1 ? place : 1 - place) / 255;
  }
  for (let largest = 1; largest < 256; largest++) {
    for (let chroma = 0; chroma <= largest; chroma++) {
      const saturation = Math.trunc(Math.fround(chroma / largest) * 255);
      const smallest = Math.round(largest * (1 - Math.fround(saturation / 255)));
      colorTable[largest << 8 | chroma] = saturation << 8 | smallest;
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
