/**
 * Moments of training at which all seeds of a condition were probed. Runs stop when they fit, so
 * their last epochs differ: the end is a moment of its own.
 *
 * @module
 */
import type { Condition } from "./conditions.ts";
import type { Run } from "./input.ts";
import { lastEpoch, probedEpochs } from "./measures.ts";

/** A moment of training. */
export interface Moment {
  /** "INIT", "epoch 100" or "end". */
  readonly name: string;
  /** 0 is INIT; the end is the mean over seeds. */
  readonly epoch: number;
  /** The epoch of a run. */
  epochOf(run: Run): number;
}

/** INIT, every epoch that all seeds probed before their ends, and the end. */
export function momentsOf({ runs }: Condition): Moment[] {
  const shared = probedEpochs(runs[0]).filter((epoch) =>
    runs.every((run) => epoch < lastEpoch(run) && probedEpochs(run).includes(epoch))
  );
  const ends = runs.map(lastEpoch);
  const end = ends.reduce((sum, epoch) => sum + epoch, 0) / ends.length;
  return [
    ...shared.map((epoch) => ({
      name: epoch === 0 ? "INIT" : `epoch ${epoch}`,
      epoch,
      epochOf: () => epoch,
    })),
    { name: "end", epoch: end, epochOf: lastEpoch },
  ];
}

/** At most `count` of the moments, spread evenly; the first and the last are among them. */
export function thinned(moments: readonly Moment[], count: number): Moment[] {
  if (moments.length <= count) return [...moments];
  const step = (moments.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => moments[Math.round(i * step)]);
}
