/**
 * A transformation of one image as plain data, and what carries it out. The data holds every number
 * that was drawn, so that a view can be logged, compared with another implementation or made again.
 *
 * @module
 */
import { rotate, shearX, shearY, transformAffine, translate } from "./affine.ts";
import { adjustBrightness, adjustContrast, adjustSaturation, toGrayscale } from "./blend.ts";
import { adjustHue } from "./hue.ts";
import { type Box, checkImage, type ImageSize } from "./image.ts";
import { type Pixels, unpack } from "./pixels.ts";
import { Resizer } from "./resize.ts";
import { adjustSharpness } from "./sharpness.ts";
import { autocontrast, equalize, posterize, solarize } from "./tone.ts";

/** One step on an image that keeps its size. */
export type Operation =
  /** Factors of at least 0; 1 changes nothing. */
  | {
    readonly kind: "brightness" | "contrast" | "saturation" | "sharpness";
    readonly factor: number;
  }
  /** A fraction of the colour circle, in [-0.5, 0.5]. */
  | { readonly kind: "hue"; readonly turn: number }
  /** The tangent of the angle. */
  | { readonly kind: "shear-x" | "shear-y"; readonly factor: number }
  /** To the right or downwards, in whole pixels. */
  | { readonly kind: "translate-x" | "translate-y"; readonly pixels: number }
  /** Counter-clockwise around the centre. */
  | { readonly kind: "rotate"; readonly degrees: number }
  /** The number of bits to keep, 1 to 8. */
  | { readonly kind: "posterize"; readonly bits: number }
  /** The least value that is inverted. */
  | { readonly kind: "solarize"; readonly threshold: number }
  | { readonly kind: "identity" | "grayscale" | "autocontrast" | "equalize" };

/** First a box is resized to the output size, then it is mirrored, then the operations follow. */
export interface Transform {
  /** The part of the image to use. */
  readonly box: Box;
  /** Whether to flip horizontally. */
  readonly mirror: boolean;
  /** What happens then, in this order. */
  readonly operations: readonly Operation[];
}

/** Carries transforms out on images of one size, without allocating per image. */
export class Renderer {
  readonly input: ImageSize;
  readonly output: ImageSize;
  readonly #resizer: Resizer;
  readonly #pixels: Pixels;
  readonly #copy: Pixels;

  /** @throws {RangeError} If a size is no pair of positive integers. */
  constructor(input: ImageSize, output: ImageSize) {
    this.input = input;
    this.output = output;
    this.#resizer = new Resizer(input, output);
    this.#pixels = new Int32Array(output.height * output.width);
    this.#copy = new Int32Array(output.height * output.width);
  }

  /**
   * Transforms one image.
   *
   * @param transform What to do; its box must lie within the image.
   * @param image uint8 [H, W, 3] of the input size; left unchanged.
   * @param out uint8 [H, W, 3] of the output size; another buffer than `image`.
   * @throws {RangeError} If a buffer does not have its size, or the box is not within the image.
   */
  render(transform: Transform, image: Uint8Array, out: Uint8Array): void {
    checkImage("input image", image, this.input);
    checkImage("output image", out, this.output);
    checkBox(transform.box, this.input);
    this.#resizer.resize(image, transform.box, transform.mirror, this.#pixels);
    for (const operation of transform.operations) this.#apply(operation);
    unpack(this.#pixels, out);
  }

  #apply(operation: Operation): void {
    const pixels = this.#pixels;
    switch (operation.kind) {
      case "identity":
        return;
      case "brightness":
        return adjustBrightness(pixels, operation.factor);
      case "contrast":
        return adjustContrast(pixels, operation.factor);
      case "saturation":
        return adjustSaturation(pixels, operation.factor);
      case "sharpness":
        return adjustSharpness(this.#copyPixels(), this.output, operation.factor, pixels);
      case "hue":
        return adjustHue(pixels, operation.turn);
      case "grayscale":
        return toGrayscale(pixels);
      case "posterize":
        return posterize(pixels, operation.bits);
      case "solarize":
        return solarize(pixels, operation.threshold);
      case "autocontrast":
        return autocontrast(pixels);
      case "equalize":
        return equalize(pixels);
      default:
        return transformAffine(this.#copyPixels(), this.output, this.#matrix(operation), pixels);
    }
  }

  #matrix(
    operation: Extract<Operation, { kind: `shear-${string}` | `translate-${string}` | "rotate" }>,
  ) {
    switch (operation.kind) {
      case "shear-x":
        return shearX(operation.factor);
      case "shear-y":
        return shearY(operation.factor);
      case "translate-x":
        return translate(operation.pixels, 0);
      case "translate-y":
        return translate(0, operation.pixels);
      case "rotate":
        return rotate(operation.degrees, this.output);
    }
  }

  #copyPixels(): Pixels {
    this.#copy.set(this.#pixels);
    return this.#copy;
  }
}

function checkBox({ top, left, height, width }: Box, image: ImageSize): void {
  const inside = top >= 0 && left >= 0 && height >= 1 && width >= 1 &&
    top + height <= image.height && left + width <= image.width;
  const whole = Number.isInteger(top) && Number.isInteger(left) && Number.isInteger(height) &&
    Number.isInteger(width);
  if (!inside || !whole) {
    throw new RangeError(
      `Cannot crop as the box must lie on whole pixels within the ${image.height} x ` +
        `${image.width} image: current value is top ${top}, left ${left}, ${height} x ${width}`,
    );
  }
}
