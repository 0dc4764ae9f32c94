/**
 * What measuring a claim gives: values, one a seed, or the course of something along ordered points.
 *
 * @module
 */
import type { Run } from "../input/input.ts";
import { knnAt, lastEpoch } from "../input/measures.ts";
import { pairBySeed } from "./runs.ts";

/** A network at some time of its training. */
export interface Network {
  readonly run: Run;
  readonly epoch: number;
}

/** Two networks of one seed that are probed with the same test images. */
export type NetworkPair = readonly [Network, Network];

/** One of the things that a claim asks of values: it holds if all of them do. */
export interface Part {
  /** A layer, a data set, a value of an axis; empty where there is but one part. */
  readonly name: string;
  /** One a seed. */
  readonly values: readonly number[];
  /** Where the values are differences of K-NN accuracies, the networks: image by image, then. */
  readonly pairs?: readonly NetworkPair[];
}

/** Values, or a course: one row per block (a seed, or a part of one), one column per point. */
export type Quantity =
  | { readonly kind: "values"; readonly parts: readonly Part[] }
  | {
    readonly kind: "trend";
    readonly points: readonly string[];
    readonly blocks: readonly (readonly number[])[];
    readonly seeds: number;
  };

/** What was measured. */
export interface Measured {
  readonly quantity: Quantity;
  /** The trained networks whose end it speaks of: of memorization, they have to fit their labels. */
  readonly trained: readonly Run[];
}

/** A single part. */
export function values(values: readonly number[], trained: readonly Run[]): Measured {
  return parts([{ name: "", values }], trained);
}

/** Several parts; nothing if one of them was not measured, as the claim is about all. */
export function parts(all: readonly Part[], trained: readonly Run[]): Measured {
  const whole = all.every((part) => part.values.length > 0);
  return { quantity: { kind: "values", parts: whole ? all : [] }, trained };
}

/** One value per run; runs in which it was not measured are left out. */
export function eachRun(
  runs: readonly Run[],
  measure: (run: Run) => number | undefined,
): Measured {
  return values(runs.flatMap((run) => measure(run) ?? []), runs);
}

/** Differences of K-NN accuracy, in points. */
export function differences(pairs: readonly NetworkPair[], name = ""): Part {
  return { name, values: pairs.map(pairDifference), pairs };
}

/** One row of a course; `undefined` where a point was not measured. */
export interface Block {
  readonly seed: string;
  readonly values: readonly (number | undefined)[];
}

/** A course of at least three points; blocks that lack one are left out. */
export function trend(
  points: readonly string[],
  all: readonly Block[],
  trained: readonly Run[],
): Measured {
  const whole = points.length < 3 ? [] : all.filter(({ values }) => !values.includes(undefined));
  const seeds = new Set(whole.map(({ seed }) => seed)).size;
  const blocks = whole.map(({ values }) => values as readonly number[]);
  return { quantity: { kind: "trend", points, blocks, seeds }, trained };
}

/** The number of seeds. */
export function repetitions(quantity: Quantity): number {
  return quantity.kind === "trend"
    ? quantity.seeds
    : Math.max(0, ...quantity.parts.map((part) => part.values.length));
}

/** The number of seeds of the part that has fewest. */
export function leastRepetitions(quantity: Quantity): number {
  return quantity.kind === "trend"
    ? quantity.seeds
    : Math.min(...quantity.parts.map(({ values }) => values.length));
}

/** Points of K-NN accuracy of the first network beyond the second. */
export function pairDifference([a, b]: NetworkPair): number {
  return 100 * (knnAt(a.run, a.epoch) - knnAt(b.run, b.epoch));
}

/** A trained network and itself at INIT. */
export function overInit(run: Run): NetworkPair {
  return [{ run, epoch: lastEpoch(run) }, { run, epoch: 0 }];
}

/** Trained networks by seed. */
export function atTheEnd(runs: readonly Run[], others: readonly Run[]): NetworkPair[] {
  return pairBySeed(runs, others).map(([a, b]) => [
    { run: a, epoch: lastEpoch(a) },
    { run: b, epoch: lastEpoch(b) },
  ]);
}
