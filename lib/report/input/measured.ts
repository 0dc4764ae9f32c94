/**
 * Tables that stages measured beside the runs' own, found by their axis values.
 *
 * @module
 */
import type { Measured, Run } from "./input.ts";

/** The table of a run: the one with just its axis values. */
export function measuredOn<Row>(
  tables: readonly Measured<Row>[] | undefined,
  { axes }: Pick<Run, "axes">,
): Measured<Row> | undefined {
  const wanted = Object.entries(axes);
  return tables?.find((table) =>
    Object.keys(table.axes).length === wanted.length &&
    wanted.every(([axis, value]) => table.axes[axis] === value)
  );
}

/** The rows of the first and of the last epoch, INIT and the end of training. */
export function endsOf<Row extends { readonly epoch: number }>(
  rows: readonly Row[],
): { init: Row; end: Row } | undefined {
  const sorted = rows.toSorted((a, b) => a.epoch - b.epoch);
  const [init, end] = [sorted.at(0), sorted.at(-1)];
  return init === undefined || end === undefined || init.epoch !== 0 ? undefined : { init, end };
}
