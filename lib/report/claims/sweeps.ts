/**
 * Measures claims about sweeps: what changes along an axis.
 *
 * @module
 */
import type { ReportInput, Run } from "../input/input.ts";
import { finalFit, finalKnn } from "../input/measures.ts";
import type { ClaimCondition } from "../input/measurement.ts";
import { memorises } from "./fitting.ts";
import {
  atTheEnd,
  differences,
  type Measured,
  overInit,
  parts,
  trend,
  values,
} from "./quantity.ts";
import { pairBySeed, sweptPoints } from "./runs.ts";

/** Runs along an axis. */
interface Sweep {
  readonly condition: ClaimCondition;
  readonly axis: string;
}

/** K-NN accuracy along the axis, seed by seed; of the fitted points alone where so asked. */
export function sweepTrend(
  input: ReportInput,
  { fitted, ...sweep }: Sweep & { readonly fitted: boolean },
): Measured {
  const points = sweptPoints(input, sweep).filter(({ runs }) => !fitted || runs.every(memorises));
  const blocks = seedsOf(points).map((seed) => ({
    seed,
    values: points.map(({ runs }) => {
      const run = runs.find(({ axes }) => axes.seed === seed);
      return run && 100 * finalKnn(run);
    }),
  }));
  return trend(points.map(({ value }) => value), blocks, points.flatMap(({ runs }) => runs));
}

/** What one condition has beyond another, along the axis. */
export function sweepGapTrend(
  input: ReportInput,
  sweep: Sweep & { readonly minus: ClaimCondition },
): Measured {
  const points = gapsAlong(input, sweep);
  const blocks = seedsOf(points).map((seed) => ({
    seed,
    values: points.map(({ runs, others }) => {
      const [run, other] = [runs, others].map((all) => all.find(({ axes }) => axes.seed === seed));
      return run && other && 100 * (finalKnn(run) - finalKnn(other));
    }),
  }));
  return trend(points.map(({ value }) => value), blocks, points.flatMap(({ runs }) => runs));
}

/** What one condition has beyond another at each value between the ends of the axis. */
export function sweepGaps(
  input: ReportInput,
  sweep: Sweep & { readonly minus: ClaimCondition },
): Measured {
  const points = gapsAlong(input, sweep).slice(1, -1);
  return parts(
    points.map(({ value, runs, others }) =>
      differences(atTheEnd(runs, others), `${sweep.axis} ${value}`)
    ),
    points.flatMap(({ runs }) => runs),
  );
}

/** Whether accuracy is not above INIT at the lowest value and above it at the highest. */
export function sweepCrossing(input: ReportInput, sweep: Sweep): Measured {
  const { lowest, highest } = endsOf(input, sweep);
  const below = lowest.map(overInit).map(([end, init]) => [init, end] as const);
  return parts([
    differences(below, "INIT beyond the lowest"),
    differences(highest.map(overInit), "the highest beyond INIT"),
  ], highest);
}

/** What the highest value gains over INIT. */
export function sweepGain(input: ReportInput, sweep: Sweep): Measured {
  const { highest } = endsOf(input, sweep);
  return parts([differences(highest.map(overInit))], highest);
}

/** How far the last rise per doubling stays below half of the one before. */
export function sweepPlateau(input: ReportInput, sweep: Sweep): Measured {
  const points = sweptPoints(input, sweep).filter(({ position }) => Number.isFinite(position));
  if (points.length < 3) return values([], []);
  const [first, middle, last] = [points[0], points.at(-2)!, points.at(-1)!];
  const doublings = (from: number, to: number) => Math.log2(to / from);
  const slopes = seedsOf(points).flatMap((seed) => {
    const [a, b, c] = [first, middle, last]
      .map(({ runs }) => runs.find(({ axes }) => axes.seed === seed));
    if (!a || !b || !c) return [];
    const before = (finalKnn(b) - finalKnn(a)) / doublings(first.position, middle.position);
    const at = (finalKnn(c) - finalKnn(b)) / doublings(middle.position, last.position);
    return [100 * (before / 2 - at)];
  });
  return values(slopes, last.runs);
}

/** How much more of the labels is fitted at the highest value than at the lowest. */
export function sweepThreshold(input: ReportInput, sweep: Sweep): Measured {
  const { lowest, highest } = endsOf(input, sweep);
  const pairs = pairBySeed(highest, lowest);
  return values(pairs.map(([high, low]) => 100 * (finalFit(high) - finalFit(low))), highest);
}

function endsOf(input: ReportInput, sweep: Sweep): { lowest: Run[]; highest: Run[] } {
  const points = sweptPoints(input, sweep);
  if (points.length < 2) return { lowest: [], highest: [] };
  return { lowest: points[0].runs, highest: points.at(-1)!.runs };
}

/** The points at which both conditions were run. */
function gapsAlong(
  input: ReportInput,
  { condition, minus, axis }: Sweep & { readonly minus: ClaimCondition },
) {
  const others = sweptPoints(input, { condition: minus, axis });
  return sweptPoints(input, { condition, axis }).flatMap(({ value, runs }) => {
    const other = others.find((point) => point.value === value);
    return other === undefined ? [] : [{ value, runs, others: other.runs }];
  });
}

function seedsOf(points: readonly { readonly runs: readonly Run[] }[]): string[] {
  return [...new Set(points.flatMap(({ runs }) => runs.map(({ axes }) => axes.seed)))];
}
