/**
 * Joins of matrices: which of a producer's instances a consumer's instance receives. Matrices may
 * have thousands of instances, so that they are found by an index rather than one by one.
 *
 * @module
 */
import type { Need } from "../config/config.ts";
import type { Combination } from "./matrix.ts";
import type { AxisValues } from "./plan.ts";

/** Combinations that have the same axes, by the values of those that a consumer shares. */
interface Group {
  readonly axes: readonly string[];
  readonly members: readonly Combination[];
  /** Per list of shared axes: members by their values. */
  readonly indices: Map<string, Map<string, Combination[]>>;
}

/** The combinations of one need's producer. */
export class Joiner {
  readonly #pins: ReadonlyMap<string, string>;
  readonly #groups: readonly Group[];

  constructor(producers: readonly Combination[], { pins }: Need) {
    this.#pins = pins;
    const pinned = producers.filter(({ axes }) =>
      [...pins].every(([axis, value]) => !Object.hasOwn(axes, axis) || axes[axis] === value)
    );
    const groups = Map.groupBy(pinned, ({ axes }) => Object.keys(axes).join());
    this.#groups = [...groups.values()].map((members) => ({
      axes: Object.keys(members[0].axes),
      members,
      indices: new Map(),
    }));
  }

  /** Those that are equal to a consumer on the axes that both have, unless these are pinned. */
  join(consumer: AxisValues): Combination[] {
    return this.#groups.flatMap((group) => {
      const shared = group.axes.filter((axis) =>
        Object.hasOwn(consumer, axis) && !this.#pins.has(axis)
      );
      return indexOf(group, shared).get(valuesOf(consumer, shared)) ?? [];
    });
  }
}

function indexOf(group: Group, shared: readonly string[]): Map<string, Combination[]> {
  const name = shared.join();
  let index = group.indices.get(name);
  if (!index) {
    index = Map.groupBy(group.members, ({ axes }) => valuesOf(axes, shared));
    group.indices.set(name, index);
  }
  return index;
}

function valuesOf(values: AxisValues, axes: readonly string[]): string {
  return JSON.stringify(axes.map((axis) => values[axis]));
}
