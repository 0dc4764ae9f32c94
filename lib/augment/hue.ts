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
/** The bits at which the largest, middle and smallest channel start, a byte each, by hue. */
const shiftTable = new Int32Array(256);
/** The same by sixth of the colour circle. */
const SECTOR_SHIFTS = Int32Array.of(0x100800, 0x100008, 0x001008, 0x000810, 0x080010, 0x081000);
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
    const green = pixel >> 8 & 255;
    const blue = pixel >> 16;
    // Sorts by three comparisons: `x & x >> 31` is x where it is negative, else 0.
    const redLead = (pixel & 255) - green;
    const redLag = redLead & redLead >> 31;
    const upper = (pixel & 255) - redLag;
    const upperLead = upper - blue;
    const upperLag = upperLead & upperLead >> 31;
    const largest = upper - upperLag;
    const lowerLead = green + redLag - blue - upperLag;
    const lowerLag = lowerLead & lowerLead >> 31;
    const smallest = blue + upperLag + lowerLag;
    const middle = green + redLag - lowerLag;
    const chroma = largest - smallest;
    const place = hueIndex(redLead, upperLead, lowerLead, chroma, largest - middle);
    const hue = (hueTable[place] + shift) & 255;
    const color = colorTable[largest << 8 | chroma];
    // Pillow rounds to single precision on the way; no byte of the 2^24 results differs.
    const newMiddle = (largest + 0.5 - largest * (color >> 8) * fallTable[hue]) | 0;
    const shifts = shiftTable[hue];
    pixels[i] = largest << shifts | newMiddle << (shifts >> 8) |
      (color & 255) << (shifts >> 16);
  }
}

/** The place in the table of hues; which differences are negative tells the channels' order. */
function hueIndex(
  redLead: number,
  upperLead: number,
  lowerLead: number,
  chroma: number,
  gap: number,
): number {
  return redLead >> 31 & 4 << 16 | upperLead >> 31 & 2 << 16 | lowerLead >> 31 & 1 << 16 |
    chroma << 8 | gap;
}

function fillTables(): void {
  for (let chroma = 1; chroma < 256; chroma++) {
    for (let gap = 0; gap <= chroma; gap++) fillHues(chroma, gap);
  }
  for (let byte = 0; byte < 256; byte++) {
    const sector = Math.floor(byte * 6 / 255);
    const place = Math.fround(byte * 6 / 255 - sector);
    shiftTable[byte] = SECTOR_SHIFTS[sector % 6];
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
    const upper = Math.max(red, green);
    const lower = Math.min(red, green);
    const lowerLead = lower - Math.min(upper, blue);
    hueTable[hueIndex(red - green, upper - blue, lowerLead, chroma, gap)] = hueByte(sixths);
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
