/**
 * Shear, translation and rotation with nearest-neighbour lookup and a black border, byte for byte
 * as torchvision makes them on Pillow images.
 *
 * Source: `_get_inverse_affine_matrix` in torchvision, `Image.rotate` in Pillow, and
 * `ImagingTransformAffine` in Pillow's `Geometry.c`.
 *
 * @module
 */
import type { ImageSize } from "./image.ts";
import type { Pixels } from "./pixels.ts";

/** Maps output pixels to input pixels: x' = a x + b y + c, y' = d x + e y + f. */
export type AffineMatrix = readonly [
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
];

/** Moves the row y by `factor * y` pixels to the left: the origin is the top left corner. */
export function shearX(factor: number): AffineMatrix {
  return [1, Math.tan(throughDegrees(factor)), 0, 0, 1, 0];
}

/** Moves the column x by `factor * x` pixels upwards: the origin is the top left corner. */
export function shearY(factor: number): AffineMatrix {
  const angle = throughDegrees(factor);
  return [1, 0, 0, Math.sin(angle) / Math.cos(angle), 1, 0];
}

/** Moves the image by whole pixels to the right and downwards. */
export function translate(x: number, y: number): AffineMatrix {
  return [1, 0, -x, 0, 1, -y];
}

/** Turns the image around its centre, counter-clockwise for positive angles. */
export function rotate(degrees: number, { height, width }: ImageSize): AffineMatrix {
  const angle = -toRadians(degrees < 0 ? degrees % 360 + 360 : degrees % 360);
  const cosine = toFifteenDecimals(Math.cos(angle));
  const sine = toFifteenDecimals(Math.sin(angle));
  const x = width / 2;
  const y = height / 2;
  return [
    cosine,
    sine,
    cosine * -x + sine * -y + x,
    -sine,
    cosine,
    -sine * -x + cosine * -y + y,
  ];
}

/**
 * Looks every output pixel up in the input, in 16.16 fixed point as Pillow does.
 *
 * @param pixels The input, [H, W].
 * @param size Its size, at most 16383 pixels a side, and the output's.
 * @param matrix Where each output pixel comes from; what comes from outside is black.
 * @param out The output, [H, W], another buffer than `pixels`.
 */
export function transformAffine(
  pixels: Pixels,
  { height, width }: ImageSize,
  [a, b, c, d, e, f]: AffineMatrix,
  out: Pixels,
): void {
  const stepX = toFixedPoint(a);
  const stepY = toFixedPoint(d);
  let rowX = toFixedPoint(c + a * 0.5 + b * 0.5);
  let rowY = toFixedPoint(f + d * 0.5 + e * 0.5);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let fixedX = rowX;
    let fixedY = rowY;
    for (let x = 0; x < width; x++, to++) {
      const fromX = fixedX >> 16;
      const fromY = fixedY >> 16;
      const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
      out[to] = inside ? pixels[fromY * width + fromX] : 0;
      fixedX += stepX;
      fixedY += stepY;
    }
    rowX += toFixedPoint(b);
    rowY += toFixedPoint(e);
  }
}

function toFixedPoint(value: number): number {
  return Math.floor(value * 65536 + 0.5);
}

function toRadians(degrees: number): number {
  return degrees * (Math.PI / 180);
}

/** The angle whose tangent is the factor, in radians, rounded as by torchvision's way over degrees. */
function throughDegrees(factor: number): number {
  return toRadians(Math.atan(factor) * (180 / Math.PI));
}

function toFifteenDecimals(value: number): number {
  return Number(value.toFixed(15));
}
