/**
 * RandAugment at a strength between 0 and 1, as the paper's Fig. 11 varies it: the strength sets
 * both the number of operations and their magnitude.
 *
 * Source: Cubuk et al., "RandAugment", 2020; torchvision's `RandAugment` with 100 levels, whose
 * single-precision magnitudes are followed.
 *
 * @module
 */
import type { RandomStream } from "../../random/random.ts";
import type { ImageSize } from "../image/image.ts";
import type { Operation } from "../image/transform.ts";

/** The number of levels of a magnitude. */
const LEVELS = 100;
/** The largest translation as a fraction of the side. */
const MAX_TRANSLATION = 150 / 331;

/** Makes an operation of a level; `sign` draws 1 or -1. */
type Recipe = (level: number, sign: () => number, size: ImageSize) => Operation;

const enhance = (kind: "brightness" | "contrast" | "saturation" | "sharpness"): Recipe => {
  return (level, sign) => ({ kind, factor: 1 + sign() * linspace(0, 0.9, level) });
};

/** The 14 operations, in torchvision's order. */
const RECIPES: readonly Recipe[] = [
  () => ({ kind: "identity" }),
  (level, sign) => ({ kind: "shear-x", factor: sign() * linspace(0, 0.3, level) }),
  (level, sign) => ({ kind: "shear-y", factor: sign() * linspace(0, 0.3, level) }),
  (level, sign, { width }) => ({
    kind: "translate-x",
    pixels: sign() * Math.trunc(linspace(0, MAX_TRANSLATION * width, level)),
  }),
  (level, sign, { height }) => ({
    kind: "translate-y",
    pixels: sign() * Math.trunc(linspace(0, MAX_TRANSLATION * height, level)),
  }),
  (level, sign) => ({ kind: "rotate", degrees: sign() * linspace(0, 30, level) }),
  enhance("brightness"),
  enhance("saturation"),
  enhance("contrast"),
  enhance("sharpness"),
  (level) => ({ kind: "posterize", bits: 8 - Math.round(level / ((LEVELS - 1) / 4)) }),
  (level) => ({ kind: "solarize", threshold: linspace(255, 0, level) }),
  () => ({ kind: "autocontrast" }),
  () => ({ kind: "equalize" }),
];

/**
 * Draws the operations of one view: floor(10 s / 3 + 1) of the 14, uniformly and with replacement,
 * at level min(floor(100 s), 99) of 0 to 99, signs at random.
 *
 * @param strength s, from 0 to 1.
 * @param size The image's size: translations are relative to it.
 */
export function sampleRandAugment(
  strength: number,
  stream: RandomStream,
  size: ImageSize,
): Operation[] {
  const count = Math.floor(10 * strength / 3 + 1);
  const level = Math.min(Math.floor(LEVELS * strength), LEVELS - 1);
  const sign = () => stream.integer(2) === 0 ? 1 : -1;
  return Array.from(
    { length: count },
    () => RECIPES[stream.integer(RECIPES.length)](level, sign, size),
  );
}

/**
 * Item `level` of LEVELS equidistant numbers, rounded as torch.linspace does in single precision
 * with fused multiplication and addition.
 */
function linspace(start: number, end: number, level: number): number {
  const step = Math.fround(Math.fround(end - start) / (LEVELS - 1));
  return level < LEVELS / 2
    ? Math.fround(start + step * level)
    : Math.fround(Math.fround(end) - step * (LEVELS - 1 - level));
}
