/**
 * The input images of the golden cases, generated as tests/golden/augment/images.py does.
 *
 * @module
 */

export type ImageKind = "noise" | "waves" | "constant" | "faint" | "gray" | "blocks" | "dark";

/** The 32-bit hash of a seed and an index (the finaliser of MurmurHash3). */
function word(seed: number, index: number): number {
  let x = (Math.imul(index, 0x9e3779b9) + seed) >>> 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return x >>> 0;
}

/** One of the generated images, uint8 [H, W, 3]. */
export function goldenImage(
  kind: ImageKind,
  seed: number,
  height: number,
  width: number,
): Uint8Array<ArrayBuffer> {
  const value = pixel(kind, seed, width);
  return Uint8Array.from(
    { length: height * width * 3 },
    (_, i) => value(i, Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3),
  );
}

function pixel(kind: ImageKind, seed: number, width: number) {
  switch (kind) {
    case "noise":
      return (i: number) => word(seed, i) >>> 24;
    case "waves":
      return (i: number, y: number, x: number, channel: number) => {
        const [a, b, c] = [0, 1, 2].map((k) => word((seed ^ 0xabcd) >>> 0, 3 * channel + k));
        const phase = (a % 31 * x + b % 31 * y + c % 512) % 512;
        return Math.floor((phase < 256 ? phase : 511 - phase) * 7 / 8) + (word(seed, i) >>> 27);
      };
    case "constant":
      return (_i: number, _y: number, _x: number, channel: number) => word(seed, channel) >>> 24;
    case "faint":
      return (i: number, _y: number, _x: number, channel: number) =>
        word((seed ^ 0x1234) >>> 0, channel) % 236 + word(seed, i) % 20;
    case "gray":
      return (_i: number, y: number, x: number) => word(seed, (y * width + x) * 3) >>> 24;
    case "blocks":
      return (_i: number, y: number, x: number, channel: number) => {
        const color = (Math.floor(x / 3) + 2 * Math.floor(y / 4)) % 4;
        return word((seed ^ 0x5678) >>> 0, color * 3 + channel) >>> 24;
      };
    case "dark":
      return (i: number) => {
        const noise = word(seed, i);
        return (noise >>> 24) * (noise >>> 16 & 255) >> 12;
      };
  }
}

/** Reads a golden file of this area. */
export function readGolden<T>(name: string): T {
  return JSON.parse(
    Deno.readTextFileSync(new URL(`../golden/augment/${name}`, import.meta.url)),
  ) as T;
}
