/**
 * The hue shift, byte for byte as torchvision makes it with Pillow: to HSV in bytes, a wrapping
 * addition to the hue, and back. Works in place on uint8 [H, W, 3].
 *
 * Source: `rgb2hsv_row` and `hsv2rgb` in Pillow's `Convert.c`, whose mixture of single and double
 * precision is followed expression by expression; `adjust_hue` in torchvision.
 *
 * The conversion depends on few numbers: the order of the channels, the largest (the value V), the
 * chroma (largest less smallest) and the largest less the middle one. Tables hold what is costly.
 *
 * @module
 */
import { CHANNELS } from "./image.ts";

/** The hue's byte at [order of the channels, chroma, largest - middle]. */
const hueTable = new Uint8Array(6 << 16);
/** The saturation's byte at [largest, chroma]. */
const saturationTable = new Uint8Array(1 << 16);
/** The smallest channel after the way to HSV and back, at [largest, chroma]. */
const smallestTable = new Uint8Array(1 << 16);
/** A saturation byte as a fraction, in single precision. */
const fractionTable = new Float32Array(256);
/** The sixth of the colour circle that a hue's byte lies in. */
const sectorTable = new Uint8Array(256);
/** How far the middle channel lies from the largest: the place within the sector, for odd sectors
 * counted from its start (in single precision), for even ones from its end. */
const distanceTable = new Float64Array(256);
let tablesAreFilled = false;

/**
 * Turns the hue of every pixel.
 *
 * @param factor The turn as a fraction of the circle, in [-0.5, 0.5]; it is cut to a multiple of
 * 1/255 towards zero.
 */
export function adjustHue(image: Uint8Array, factor: number): void {
  if (!tablesAreFilled) fillTables();
  const shift = Math.trunc(factor * 255);
  for (let i = 0; i < image.length; i += CHANNELS) {
    const red = image[i];
    const green = image[i + 1];
    const blue = image[i + 2];
    let order: number;
    let largest: number;
    let middle: number;
    let smallest: number;
    if (red >= green) {
      if (green >= blue) {
        order = RED_GREEN_BLUE, largest = red, middle = green, smallest = blue;
      } else if (red >= blue) {
        order = RED_BLUE_GREEN, largest = red, middle = blue, smallest = green;
      } else {
        order = BLUE_RED_GREEN, largest = blue, middle = red, smallest = green;
      }
    } else if (red >= blue) {
      order = GREEN_RED_BLUE, largest = green, middle = red, smallest = blue;
    } else if (green >= blue) {
      order = GREEN_BLUE_RED, largest = green, middle = blue, smallest = red;
    } else {
      order = BLUE_GREEN_RED, largest = blue, middle = green, smallest = red;
    }
    const chroma = largest - smallest;
    if (chroma === 0) continue;
    const hue = (hueTable[order << 16 | chroma << 8 | (largest - middle)] + shift) & 255;
    const low = smallestTable[largest << 8 | chroma];
    const fraction = fractionTable[saturationTable[largest << 8 | chroma]];
    const sector = sectorTable[hue];
    const product = fraction * distanceTable[hue];
    const rounded = (sector & 1) === 1 ? Math.fround(product) : product;
    const between = (largest * (1 - rounded) + 0.5) | 0;
    switch (sector) {
      case 0:
        image[i] = largest, image[i + 1] = between, image[i + 2] = low;
        break;
      case 1:
        image[i] = between, image[i + 1] = largest, image[i + 2] = low;
        break;
      case 2:
        image[i] = low, image[i + 1] = largest, image[i + 2] = between;
        break;
      case 3:
        image[i] = low, image[i + 1] = between, image[i + 2] = largest;
        break;
      case 4:
        image[i] = between, image[i + 1] = low, image[i + 2] = largest;
        break;
      default:
        image[i] = largest, image[i + 1] = low, image[i + 2] = between;
    }
  }
}

/** Orders of the channels, the largest first; of equal channels, red comes before green, green
 * before blue. */
const RED_GREEN_BLUE = 0;
const RED_BLUE_GREEN = 1;
const GREEN_RED_BLUE = 2;
const GREEN_BLUE_RED = 3;
const BLUE_RED_GREEN = 4;
const BLUE_GREEN_RED = 5;

function fillTables(): void {
  for (let chroma = 1; chroma < 256; chroma++) {
    for (let gap = 0; gap <= chroma; gap++) {
      const index = chroma << 8 | gap;
      const ratio = Math.fround(gap / chroma);
      // The sixth of the circle starts at 0, 2 or 4, whichever channel is the largest.
      hueTable[RED_GREEN_BLUE << 16 | index] = hueByte(1 - ratio);
      hueTable[RED_BLUE_GREEN << 16 | index] = hueByte(ratio - 1);
      hueTable[GREEN_RED_BLUE << 16 | index] = hueByte(2 + ratio - 1);
      hueTable[GREEN_BLUE_RED << 16 | index] = hueByte(2 + 1 - ratio);
      hueTable[BLUE_RED_GREEN << 16 | index] = hueByte(4 + 1 - ratio);
      hueTable[BLUE_GREEN_RED << 16 | index] = hueByte(4 + ratio - 1);
    }
  }
  for (let byte = 0; byte < 256; byte++) {
    fractionTable[byte] = byte / 255;
    const place = byte * 6 / 255;
    const sector = Math.floor(place);
    const offset = Math.fround(place - sector);
    sectorTable[byte] = sector % 6;
    distanceTable[byte] = sector % 2 === 1 ? offset : 1 - offset;
  }
  for (let largest = 1; largest < 256; largest++) {
    for (let chroma = 1; chroma <= largest; chroma++) {
      const saturation = Math.trunc(Math.fround(chroma / largest) * 255);
      saturationTable[largest << 8 | chroma] = saturation;
      smallestTable[largest << 8 | chroma] = Math.round(
        largest * (1 - fractionTable[saturation]),
      );
    }
  }
  tablesAreFilled = true;
}

/** The byte of a hue in sixths of the circle, from -1 to 5. */
function hueByte(sixths: number): number {
  const turns = Math.fround((Math.fround(sixths) / 6 + 1) % 1);
  return Math.trunc(turns * 255);
}
