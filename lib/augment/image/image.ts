/**
 * Images as this library sees them: uint8, row-major [H, W, 3], the channels red, green and blue.
 *
 * @module
 */

/** The number of channels of every image. */
export const CHANNELS = 3;

/** An image's size in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** A rectangle within an image, in pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The box that is a whole image. */
export function wholeImage({ height, width }: ImageSize): Box {
  return { top: 0, left: 0, height, width };
}

/** The number of bytes of an image [H, W, 3]. */
export function imageBytes(size: ImageSize): number {
  return size.height * size.width * CHANNELS;
}

/**
 * Asserts that a buffer holds one image.
 *
 * @param what The buffer's role, for the message.
 * @throws {RangeError} If the size is no pair of positive integers or the length does not fit it.
 */
export function checkImage(what: string, image: Uint8Array, size: ImageSize): void {
  checkSize(what, size);
  if (image.length !== imageBytes(size)) {
    throw new RangeError(
      `Cannot use the ${what} as [${size.height}, ${size.width}, 3] must have ` +
        `${imageBytes(size)} bytes: current value is ${image.length}`,
    );
  }
}

/**
 * Asserts that a size is one of an image.
 *
 * @param what The image's role, for the message.
 * @throws {RangeError} If the size is no pair of positive integers.
 */
export function checkSize(what: string, { height, width }: ImageSize): void {
  if (!Number.isInteger(height) || !Number.isInteger(width) || height < 1 || width < 1) {
    throw new RangeError(
      `Cannot use the ${what} as its height and width must be positive integers: ` +
        `current value is ${height} x ${width}`,
    );
  }
}
