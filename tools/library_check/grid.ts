/**
 * All cases of the search, in an order in which every stretch is spread over the whole.
 *
 * @module
 */
import type { Case, Convolution, Product } from "./case.ts";

/** Channels and sides of matrices: what is narrower than a vector register, and what networks have. */
const LENGTHS = [...upTo(33), 48, 64, 96, 512];
const PRECISIONS = ["float32", "bfloat16"] as const;

/** The values of each property of a case. */
type Axes<C> = { readonly [K in keyof C]: readonly C[K][] };

const CONVOLUTIONS: Axes<Convolution> = {
  operation: ["convolution"],
  kernel: [1, 3],
  stride: [1, 2],
  padding: ["SAME", "VALID"],
  precision: PRECISIONS,
  images: [1, 5],
  side: [...upTo(32), 48, 64],
  inputs: LENGTHS,
  outputs: LENGTHS,
};

const PRODUCTS: Axes<Product> = {
  operation: ["product"],
  transposed: ["neither", "left", "right"],
  precision: PRECISIONS,
  batch: [1, 36],
  rows: LENGTHS,
  inner: LENGTHS,
  columns: LENGTHS,
};

/** Where the search begins and ends, and what it is limited to. */
export interface Stretch {
  readonly operation: Case["operation"];
  /** The first place. */
  readonly from: number;
  /** The place behind the last one. */
  readonly to: number;
}

/** Places of an operation, those of cases that do not exist included. */
export function gridSize(operation: Case["operation"]): number {
  return Object.values(axesOf(operation)).reduce((product, values) => product * values.length, 1);
}

/** The cases in a stretch. */
export function casesIn({ operation, from, to }: Stretch): Case[] {
  const places = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return places.map((place) => caseAt(axesOf(operation), place)).filter(exists);
}

function axesOf(operation: Case["operation"]): Axes<Case> {
  return (operation === "product" ? PRODUCTS : CONVOLUTIONS) as Axes<Case>;
}

/** The case at a place: steps of the golden ratio meet each place once, and spread evenly. */
function caseAt(axes: Axes<Case>, place: number): Case {
  const lists = Object.entries(axes) as [string, readonly unknown[]][];
  const size = lists.reduce((product, [, values]) => product * values.length, 1);
  let rest = Number(BigInt(place) * BigInt(stepOf(size)) % BigInt(size));
  const properties = lists.map(([name, values]) => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return [name, value];
  });
  return Object.fromEntries(properties) as Case;
}

/** The number nearest above the golden section of `size` that has no divisor in common with it. */
function stepOf(size: number): number {
  let step = Math.floor(size * 0.6180339887498949);
  while (divisor(step, size) > 1) step++;
  return step;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** A filter must fit into the images. */
function exists(asked: Case): boolean {
  return asked.operation === "product" || asked.padding === "SAME" || asked.side >= asked.kernel;
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}
