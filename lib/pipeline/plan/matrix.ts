/**
 * Matrices: the axis values of a stage's instances, and which instances of a producer a consumer's
 * instance receives.
 *
 * @module
 */
import type { Axis, AxisPattern, AxisValue, Need, StageConfig } from "../config/config.ts";
import { type Problems, toPlain } from "../config/located.ts";
import { canonicalJson } from "../base/json.ts";
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
    } else if (isAffordable(stage, matrix.axes, problems)) {
      combinations = multiply(matrix.axes, matrix.include, matrix.exclude, problems);
    }
    expanded.set(stage.name, combinations);
    return combinations;
  };
  for (const stage of stages) expand(stage, [stage.name]);
  return expanded;
}

/** The most instances that a stage may have, which bounds what a plan takes of memory and time. */
const MOST_COMBINATIONS = 100_000;

function isAffordable({ name, place }: StageConfig, axes: readonly Axis[], problems: Problems) {
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count <= MOST_COMBINATIONS) return true;
  const sizes = axes.map(({ name, values }) => `${name} ${values.length}`).join(", ");
  problems.add(
    place,
    `the matrix of stage "${name}" has ${count} combinations, and at most ${MOST_COMBINATIONS} ` +
      "are possible",
    `its axes have ${sizes} values: list fewer, or divide the work over several stages`,
  );
  return false;
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
  return [...kept, ...included(include, axes, kept, problems)];
}

/** The combinations that `include` adds; one that is there already would count twice. */
function included(
  include: readonly AxisPattern[],
  axes: readonly Axis[],
  kept: readonly Combination[],
  problems: Problems,
): Combination[] {
  const known = new Set(kept.map(identityOf));
  return include.map((pattern) => includeOne(pattern, axes)).filter((combination, i) => {
    const identity = identityOf(combination);
    const isNew = !known.has(identity);
    known.add(identity);
    const [place] = include[i].keys.values();
    if (!isNew && place) {
      problems.add(place, "the matrix has this combination already", "remove it");
    }
    return isNew;
  });
}

function identityOf({ axes }: Combination): string {
  return canonicalJson(axes);
}

function combine(row: [string, AxisValue][]): Combination {
  return {
    axes: Object.fromEntries(row.map(([axis, value]) => [axis, value.name])),
    values: new Map(row),
  };
}

/** An included combination, its axes in the matrix's order; a named value brings its params. */
function includeOne(pattern: AxisPattern, axes: readonly Axis[]): Combination {
  const order = new Map(axes.map(({ name }, i) => [name, i]));
  const rank = ([axis]: [string, unknown]) => order.get(axis) ?? axes.length;
  return combine(
    [...pattern.values].sort((a, b) => rank(a) - rank(b)).map(([axis, node]) => {
      const name = String(toPlain(node));
      const known = axes.find((each) => each.name === axis)?.values.find((v) => v.name === name);
      return [axis, known ?? { name, params: null, value: node }];
    }),
  );
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
