/**
 * Augmentation policies as data: which transformations a view may undergo. A policy is written as
 * text in the configuration and parsed once.
 *
 * | text | meaning |
 * |---|---|
 * | `none` | the image as it is |
 * | `full` | `crop+flip+jitter+gray`, the paper's augmentation |
 * | `crop`, `flip`, `jitter`, `gray`, joined by `+` | a part of it, always in this order |
 * | `crop(0.35)`, `full(0.35)` | with 0.35 as the least area of a crop instead of 0.08 |
 * | `randaugment(0.4)` | RandAugment at strength 0.4 of 0 to 1 (Fig. 11) |
 * | `iid` | no transformation: other images of the same class (Table 4) |
 *
 * @module
 */

/** A policy that transforms an image. */
export type TransformPolicy = ComposedPolicy | RandAugmentPolicy;

/** Any policy. */
export type Policy = TransformPolicy | IidPolicy;

/** Random crop, flip, jitter and grey, each one present or not; `none` is all absent. */
export interface ComposedPolicy {
  readonly kind: "composed";
  /** The least area of a crop as a fraction of the image's, in (0, 1]; null for no crop. */
  readonly minCropScale: number | null;
  readonly flip: boolean;
  readonly jitter: boolean;
  readonly gray: boolean;
}

/** RandAugment with a number of operations and a magnitude that follow from the strength. */
export interface RandAugmentPolicy {
  readonly kind: "randaugment";
  /** From 0 to 1. */
  readonly strength: number;
}

/** A view of a sample is another image of its true class; see `iid.ts`. */
export interface IidPolicy {
  readonly kind: "iid";
}

/** RandomResizedCrop's own default. */
const DEFAULT_MIN_CROP_SCALE = 0.08;

const PARTS = ["crop", "flip", "jitter", "gray"] as const;
type Part = typeof PARTS[number];

/**
 * Reads a policy.
 *
 * @param text As in the table above; the order of parts and spaces do not matter.
 * @throws {SyntaxError} If the text is no policy; the message says what is.
 */
export function parsePolicy(text: string): Policy {
  const terms = text.split("+").map((term) => parseTerm(term, text));
  if (terms.length === 1) {
    const [{ name, value }] = terms;
    if (name === "iid" && value === undefined) return { kind: "iid" };
    if (name === "none" && value === undefined) return composed([], null);
    if (name === "full") return composed(PARTS, parseScale(value, text));
    if (name === "randaugment") {
      return { kind: "randaugment", strength: parseStrength(value, text) };
    }
  }
  const names = terms.map(({ name, value }) => {
    if (!PARTS.includes(name as Part) || (value !== undefined && name !== "crop")) {
      throw wrongPolicy(text, "it must be made of parts that exist");
    }
    return name as Part;
  });
  if (new Set(names).size < names.length) throw wrongPolicy(text, "no part may stand twice");
  const crop = terms.find(({ name }) => name === "crop");
  return composed(names, crop === undefined ? null : parseScale(crop.value, text));
}

/** Reads a policy that transforms images. @throws {SyntaxError} on `iid` as well, which does not. */
export function parseTransformPolicy(text: string): TransformPolicy {
  const policy = parsePolicy(text);
  if (policy.kind === "iid") throw wrongPolicy(text, "it must transform the image itself");
  return policy;
}

function composed(parts: readonly Part[], minCropScale: number | null): ComposedPolicy {
  return {
    kind: "composed",
    minCropScale,
    flip: parts.includes("flip"),
    jitter: parts.includes("jitter"),
    gray: parts.includes("gray"),
  };
}

function parseTerm(term: string, text: string): { name: string; value?: number } {
  const match = /^\s*([a-z]+)\s*(?:\(\s*(\d*\.?\d+)\s*\))?\s*$/.exec(term);
  if (match === null) throw wrongPolicy(text, "it must be names joined by '+'");
  const [, name, number] = match;
  return number === undefined ? { name } : { name, value: Number(number) };
}

function parseScale(value: number | undefined, text: string): number {
  if (value === undefined) return DEFAULT_MIN_CROP_SCALE;
  if (value > 0 && value <= 1) return value;
  throw wrongPolicy(text, "a crop's least area must be above 0 and at most 1");
}

function parseStrength(value: number | undefined, text: string): number {
  if (value !== undefined && value <= 1) return value;
  throw wrongPolicy(text, "randaugment needs a strength from 0 to 1 in brackets");
}

function wrongPolicy(text: string, requirement: string): SyntaxError {
  return new SyntaxError(
    `Cannot read an augmentation policy as ${requirement}: current value is '${text}'. ` +
      "Use none, full, full(0.35), iid, randaugment(0.4), or crop, crop(0.35), flip, jitter and " +
      "gray joined by '+'",
  );
}
