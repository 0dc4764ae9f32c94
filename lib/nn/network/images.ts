/**
 * Where images come from: all at once from memory, or block by block from a file.
 * Letters: N images, H rows, W columns; always uint8 RGB, row-major [N,H,W,3].
 *
 * @module
 */

/** Height, width and channels of one image. */
export type ImageShape = readonly [height: number, width: number, channels: 3];

/** A run of images that is read block by block, so that it need not fit into memory. */
export interface ImageSource {
  /** N. */
  readonly count: number;
  readonly shape: ImageShape;
  /** Images `start` to `start + count - 1`, as [count,H,W,3]; the caller does not write to them. */
  read(start: number, count: number): Uint8Array | Promise<Uint8Array>;
}

/** Bytes of one image. */
export function bytesPerImage([height, width, channels]: ImageShape): number {
  return height * width * channels;
}

/**
 * Images that are in memory.
 *
 * @param values [N,H,W,3]
 * @throws {RangeError} if the length is no whole number of images.
 */
export function imagesInMemory(values: Uint8Array, shape: ImageShape): ImageSource {
  const size = bytesPerImage(shape);
  if (values.length % size !== 0) {
    throw new RangeError(
      `Cannot take bytes as images as their number must be a multiple of ${size} ` +
        `(one image of ${shape.join("x")}): current value is ${values.length}`,
    );
  }
  return {
    count: values.length / size,
    shape,
    read: (start, count) => values.subarray(start * size, (start + count) * size),
  };
}
