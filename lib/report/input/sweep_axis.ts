/**
 * The order of the values of a sweep's axis.
 *
 * @module
 */
import type { Run } from "./input.ts";

/** Where a run stands on an axis; a value that is no number, such as "per sample", comes last. */
export function axisPosition({ axes }: Run, axis: string): number {
  const value = Number(axes[axis]);
  return Number.isNaN(value) ? Infinity : value;
}
