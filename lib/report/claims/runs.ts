/**
 * The runs that claims refer to.
 *
 * @module
 */
import {
  benignCondition,
  type Condition,
  conditionId,
  controlCondition,
  findCondition,
} from "../input/conditions.ts";
import { POOL_AXIS } from "../figures/table_4.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { axisPosition } from "../input/sweep_axis.ts";
import type { ClaimCondition } from "../input/measurement.ts";

/** The condition that a claim names, if it was run. */
export function conditionOf(input: ReportInput, name: ClaimCondition): Condition | undefined {
  if (name === "random_augmented") return benignCondition(input);
  if (name === "random_control") return controlCondition(input);
  if (name === "clean_augmented") {
    return findCondition(input, "clean_cached") ?? findCondition(input, "clean_online");
  }
  return findCondition(input, name);
}

/** The runs of the main experiment, or of its control, in a condition, by ascending seed. */
export function runsOf(input: ReportInput, name: ClaimCondition): readonly Run[] {
  return conditionOf(input, name)?.runs ?? [];
}

/** Each run with the other of the same seed; runs without one are left out. */
export function pairBySeed(runs: readonly Run[], others: readonly Run[]): [Run, Run][] {
  return runs.flatMap((run): [Run, Run][] => {
    const other = others.find(({ axes }) => axes.seed === run.axes.seed);
    return other === undefined ? [] : [[run, other]];
  });
}

/** A condition of a sweep. */
export interface SweptCondition {
  readonly condition: ClaimCondition;
  readonly axis: string;
}

/** All seeds at one value of an axis. */
export interface SweptPoint {
  readonly value: string;
  /** Infinity for a value that is no number. */
  readonly position: number;
  /** By ascending seed. */
  readonly runs: Run[];
}

/** The points of a sweep in the order of the axis. */
export function sweptPoints(
  input: ReportInput,
  { condition, axis }: SweptCondition,
): SweptPoint[] {
  const ids = condition.endsWith("_augmented")
    ? ["cached", "online"].map((each) => condition.replace("augmented", each))
    : [condition];
  const runs = input.runs.filter(({ axes }) => axis in axes && ids.includes(conditionId(axes)));
  return [...Map.groupBy(bySeed(runs), ({ axes }) => axes[axis])]
    .map(([value, runs]) => ({ value, position: axisPosition(runs[0], axis), runs }))
    .sort((a, b) => a.position - b.position);
}

/** Runs on the few samples with i.i.d. augmentations ("iid") or on all images ("whole"). */
export function poolRuns({ runs }: ReportInput, pool: "iid" | "whole", labels: string): Run[] {
  return bySeed(runs.filter(({ axes }) => axes[POOL_AXIS] === pool && axes.labels === labels));
}

/** Runs whose axis has a value. */
export interface AxisValue {
  readonly axis: string;
  readonly at: string;
  readonly labels: string;
  readonly augmentation: readonly string[];
}

/** The runs whose axis has a value, by ascending seed. */
export function axisRuns(
  { runs }: ReportInput,
  { axis, at, labels, augmentation }: AxisValue,
): Run[] {
  return bySeed(
    runs.filter(({ axes }) =>
      axes[axis] === at && axes.labels === labels && augmentation.includes(axes.augmentation)
    ),
  );
}

function bySeed(runs: readonly Run[]): Run[] {
  return runs.toSorted((a, b) => Number(a.axes.seed) - Number(b.axes.seed));
}
