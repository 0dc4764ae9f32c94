/**
 * The conditions of the main experiment: which labels, and how images are augmented. They order
 * the runs and decide how each is named and drawn.
 *
 * @module
 */
import type { ReportInput, Run } from "./input.ts";
import { COLOURS } from "../render/palette.ts";

/** Runs that differ in their seed alone. */
export interface Condition {
  /** Name for programs, such as "random_cached". */
  readonly id: string;
  /** Name for readers, such as "Random labels, no augmentation". */
  readonly name: string;
  readonly labels: string;
  readonly augmentation: string;
  /** By ascending seed; in the main experiment there is one a seed. */
  readonly runs: readonly Run[];
  readonly colour: string;
  readonly dash: readonly number[];
  /** Without augmentation points are hollow. */
  readonly filled: boolean;
}

const LABELS = ["random", "clean"];
const AUGMENTATIONS = ["none", "cached", "online"];
const AUGMENTATION_NAMES: Record<string, string> = {
  none: "no augmentation",
  cached: "augmented (cached views)",
  online: "augmented (online)",
};
const DASHES: Record<string, readonly number[]> = { none: [5, 3], cached: [], online: [1.5, 2] };
const MAIN_AXES = new Set(["labels", "augmentation", "seed"]);

/** The conditions that were run: random labels first, without augmentation first. */
export function mainConditions({ runs }: Pick<ReportInput, "runs">): Condition[] {
  return groupConditions(runs.filter(isMain));
}

/** Runs by condition, in the same order; each condition's runs by ascending seed. */
export function groupConditions(runs: readonly Run[]): Condition[] {
  const groups = Map.groupBy(runs, ({ axes }) => conditionId(axes));
  return [...groups.values()].map(toCondition).sort((a, b) => conditionRank(a) - conditionRank(b));
}

/** One of the {@link mainConditions}, or `undefined` if it was not run. */
export function findCondition(
  input: Pick<ReportInput, "runs">,
  id: string,
): Condition | undefined {
  return mainConditions(input).find((condition) => condition.id === id);
}

/** The condition that the paper is about: random labels with augmentation, cached or else online. */
export function benignCondition(input: Pick<ReportInput, "runs">): Condition | undefined {
  return findCondition(input, "random_cached") ?? findCondition(input, "random_online");
}

/** The axis of runs without augmentation that train for as long as those with it. */
const CONTROL_AXIS = "control";

/** Random labels without augmentation, for as many epochs as with it, if that was run. */
export function controlCondition(input: Pick<ReportInput, "runs">): Condition | undefined {
  const runs = input.runs.filter(({ axes }) => CONTROL_AXIS in axes);
  if (runs.length === 0) return undefined;
  const condition = toCondition(runs);
  return { ...condition, id: "random_control", name: `${condition.name}, equal epochs` };
}

/** The name for programs of a run's condition. */
export function conditionId({ labels, augmentation }: Run["axes"]): string {
  return `${labels}_${augmentation}`;
}

/** Whether a run belongs to the main experiment and to no sweep. */
export function isMain({ axes }: Run): boolean {
  return Object.keys(axes).every((axis) => MAIN_AXES.has(axis));
}

/** The name for readers of a run's condition. */
export function conditionName({ labels, augmentation }: Run["axes"]): string {
  const labelName = `${labels.charAt(0).toUpperCase()}${labels.slice(1)} labels`;
  return `${labelName}, ${AUGMENTATION_NAMES[augmentation] ?? augmentation}`;
}

/** How images are augmented, for readers: "No augmentation". */
export function augmentationName({ augmentation }: Pick<Run["axes"], "augmentation">): string {
  const name = AUGMENTATION_NAMES[augmentation] ?? augmentation;
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function toCondition(runs: Run[]): Condition {
  const { labels, augmentation } = runs[0].axes;
  return {
    id: conditionId(runs[0].axes),
    name: conditionName(runs[0].axes),
    labels,
    augmentation,
    runs: runs.toSorted((a, b) => Number(a.axes.seed) - Number(b.axes.seed)),
    colour: labels === "clean" ? COLOURS.clean : COLOURS.random,
    dash: DASHES[augmentation] ?? [],
    filled: augmentation !== "none",
  };
}

/** Where a condition stands among the others: random labels first, without augmentation first. */
export function conditionRank(
  { labels, augmentation }: Pick<Condition, "labels" | "augmentation">,
): number {
  return position(LABELS, labels) * 10 + position(AUGMENTATIONS, augmentation);
}

function position(order: readonly string[], value: string): number {
  const found = order.indexOf(value);
  return found === -1 ? order.length : found;
}
