/**
 * JPEG decoding that equals Pillow's byte for byte.
 *
 * Which pixels a JPEG stands for depends on the decoder's inverse DCT and chroma upsampling. Like
 * Pillow, this one is libjpeg-turbo's (in MozJPEG's build for WebAssembly) with its defaults: the
 * accurate integer DCT and "fancy" upsampling.
 *
 * @module
 */
import loadCodec, { type MozJPEGModule } from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";

/** Size that an image must have, in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** Decodes one file; made by {@linkcode loadJpegDecoder}, which says how. */
export type JpegDecoder = (file: Uint8Array, size: ImageSize) => Uint8Array;

/**
 * Loads the decoder (30 ms), which decodes a grey or colour JPEG of a known size to pixels
 * `[H, W, 3]`. Grey becomes three equal channels.
 *
 * The size is checked in the header first, so that no file can ask for more memory. The decoder
 * throws an `Error` if a file is no JPEG, has another size or number of channels, or ends early.
 */
export async function loadJpegDecoder(): Promise<JpegDecoder> {
  /** The codec reports damage in words only. */
  const messages: string[] = [];
  const codec = await loadCodec({ printErr: (line: string) => messages.push(line) });
  return (file, size) => {
    requireHeader(file, size);
    messages.length = 0;
    const rgba = decodeOrExplain(codec, file, messages);
    const end = messages.find((line) => line.includes("Premature end of JPEG file"));
    if (end !== undefined) throw new Error(`Cannot decode JPEG as it must be complete: ${end}`);
    return withoutAlpha(rgba);
  };
}

function decodeOrExplain(
  codec: MozJPEGModule,
  file: Uint8Array,
  messages: string[],
): ArrayLike<number> {
  try {
    return codec.decode(file as Uint8Array<ArrayBuffer>, false)!.data;
  } catch (cause) {
    const reason = messages.at(-1) ?? "the decoder gave no reason";
    throw new Error(`Cannot decode JPEG as it must be valid: ${reason}`, { cause });
  }
}

function requireHeader(file: Uint8Array, size: ImageSize): void {
  const { height, width, channels } = readFrameHeader(file);
  if (height !== size.height || width !== size.width) {
    throw new Error(
      `Cannot decode JPEG as it must be ${size.width}x${size.height} pixels: ` +
        `current size is ${width}x${height}`,
    );
  }
  if (channels !== 1 && channels !== 3) {
    throw new Error(
      `Cannot decode JPEG as it must be grey or have three channels: current number is ${channels}`,
    );
  }
}

/** Reads the frame header (ITU T.81, B.2.2): the first SOF marker segment. */
function readFrameHeader(file: Uint8Array): ImageSize & { channels: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 2;
  while (at + 10 <= view.byteLength && view.getUint16(0) === 0xffd8 && file[at] === 0xff) {
    const marker = file[at + 1];
    if (isFrameMarker(marker)) {
      return {
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        channels: file[at + 9],
      };
    }
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  throw new Error("Cannot decode JPEG as it must begin with its markers and have a frame header");
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which share the range. */
function isFrameMarker(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function withoutAlpha(rgba: ArrayLike<number>): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from];
    rgb[to++] = rgba[from + 1];
    rgb[to++] = rgba[from + 2];
  }
  return rgb;
}
