/**
 * Cells of tables that hold numbers.
 *
 * @module
 */
import type { Estimate } from "./estimate.ts";
import { percent, points } from "./format.ts";
import type { Cell } from "./view_table.ts";

/** A mean in % with its interval, where there are several seeds. */
export function estimateCell({ mean, low, high }: Estimate): Cell {
  return {
    text: percent(mean),
    detail: low === null || high === null ? undefined : `[${percent(low)}, ${percent(high)}]`,
    order: mean,
  };
}

/** A difference of shares in signed points. */
export function pointsCell(difference: number): Cell {
  return { text: points(difference), order: difference };
}

/** A whole number; NaN was not measured. */
export function countCell(count: number): Cell {
  return Number.isNaN(count) ? NO_CELL : { text: `${count}`, order: count };
}

/** What was not measured. */
export const NO_CELL: Cell = { text: "–" };
