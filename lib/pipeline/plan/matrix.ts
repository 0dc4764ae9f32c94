/**
 * Matrices: the axis values of a stage's instances, and which instances of a producer a consumer's
 * instance receives.
 *
 * @module
 */
import type { Axis, AxisPattern, AxisValue, Need, StageConfig } from "../config/config.ts";
import { type Problems, toPlain } from "../config/located.ts";
import type { AxisValues } from "./plan.ts";
import { suggestion } from "../base/suggest.ts";

/** One combination of axis values, and where each comes from. */
export interface Combination {
  readonly axes: AxisValues;
  readonly values: ReadonlyMap<string, AxisValue>;
}

/** All combinations of the stages' matrices, by stage. Problems in them go to `problems`. */
export function expandMatrices(
  stages: readonly StageConfig[],
  problems: Problems,
): Map<string, Combination[]> {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const expanded = new Map<string, Combination[]>();
  const expand = (stage: StageConfig, seen: readonly string[]): Combination[] => {
    const done = expanded.get(stage.name);
    if (done) return done;
    const { matrix } = stage;
    let combinations: Combination[] = [];
    if ("sameAs" in matrix) {
      const other = byName.get(matrix.sameAs);
      if (!other) {
        const message = `there is no stage "${matrix.sameAs}" whose matrix this could be`;
        problems.add(matrix.place, message, suggestion(matrix.sameAs, [...byName.keys()]));
      } else if (seen.includes(other.name)) {
        problems.add(
          matrix.place,
          `matrices refer to each other: ${[...seen, other.name].join(", ")}`,
        );
      } else combinations = expand(other, [...seen, other.name]);
    } else combinations = multiply(matrix.axes, matrix.include, matrix.exclude, problems);
    expanded.set(stage.name, combinations);
    return combinations;
  };
  for (const stage of stages) expand(stage, [stage.name]);
  return expanded;
}

function multiply(
  axes: readonly Axis[],
  include: readonly AxisPattern[],
  exclude: readonly AxisPattern[],
  problems: Problems,
): Combination[] {
  let product: [string, AxisValue][][] = [[]];
  for (const { name, values } of axes) {
    product = product.flatMap((row) => values.map((value) => [...row, [name, value] as never]));
  }
  const combinations = product.map(combine);
  checkAxes(exclude, axes.map(({ name }) => name), problems);
  const kept = combinations.filter(({ axes }) =>
    !exclude.some((pattern) => matches(pattern, axes))
  );
  return [...kept, ...include.map((pattern) => includeOne(pattern, axes))];
}

function combine(row: [string, AxisValue][]): Combination {
  return {
    axes: Object.fromEntries(row.map(([axis, value]) => [axis, value.name])),
    values: new Map(row),
  };
}

/** An included combination; a value that its axis names brings that value's params. */
function includeOne(pattern: AxisPattern, axes: readonly Axis[]): Combination {
  return combine([...pattern.values].map(([axis, node]) => {
    const name = String(toPlain(node));
    const known = axes.find((each) => each.name === axis)?.values.find((v) => v.name === name);
    return [axis, known ?? { name, params: null, value: node }];
  }));
}

function matches(pattern: AxisPattern, axes: AxisValues): boolean {
  return [...pattern.values].every(([axis, node]) => axes[axis] === String(toPlain(node)));
}

function checkAxes(patterns: readonly AxisPattern[], axes: string[], problems: Problems): void {
  for (const { keys } of patterns) {
    for (const [axis, place] of keys) {
      if (!axes.includes(axis)) {
        problems.add(place, `there is no axis "${axis}"`, suggestion(axis, axes));
      }
    }
  }
}

/** Whether a need holds for a consumer's axis values. */
export function applies(need: Need, consumer: AxisValues): boolean {
  return [...need.when].every(([axis, values]) => values.includes(consumer[axis]));
}
