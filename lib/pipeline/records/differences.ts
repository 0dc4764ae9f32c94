/**
 * The params and metrics in which two snapshots differ.
 *
 * @module
 */
import { canonicalJson, lookUp } from "../base/json.ts";
import type { Snapshot, SnapshotEntry } from "./snapshots.ts";

/** A value that differs; `undefined` on the side that lacks it. */
export interface Difference {
  readonly instance: string;
  readonly what: "params" | "metrics" | "instance";
  readonly name: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** Params and metrics that differ. */
export function differences(a: Snapshot, b: Snapshot): Difference[] {
  return union(a.entries, b.entries).flatMap((instance): Difference[] => {
    const [before, after] = [a, b].map(({ entries }) => lookUp(entries, instance));
    if (!before || !after) {
      const there = (entry: SnapshotEntry | undefined) => entry ? "there" : undefined;
      return [{ instance, what: "instance", name: "", a: there(before), b: there(after) }];
    }
    return (["params", "metrics"] as const).flatMap((what) =>
      union(before[what], after[what])
        .map((name) => ({
          instance,
          what,
          name,
          a: lookUp<unknown>(before[what], name),
          b: lookUp<unknown>(after[what], name),
        }))
        .filter(({ a, b }) => !isEqual(a, b))
    );
  });
}

function isEqual(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}

function union(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}
