/**
 * Why an instance is not fresh, in the words of the person who changed something.
 *
 * @module
 */
import { canonicalJson } from "./json.ts";
import type { InputKey, KeyParts } from "./manifest.ts";

/** Reasons that are no comparison of keys. */
export const REASON = {
  fresh: "up to date",
  neverRan: "never ran",
  lost: "its result is missing from the store or damaged",
  forced: "forced",
  restored: "an earlier result fits",
} as const;

/** How many differences a reason names. */
const SHOWN = 4;

/** The differences between two keys, e.g. `params.lr 0.003 -> 0.001`. */
export function differences(before: KeyParts, after: KeyParts): string[] {
  return [
    ...(before.code === after.code ? [] : ["code changed"]),
    ...recordDifferences("params", before.params, after.params),
    ...recordDifferences("content at", before.locations, after.locations),
    ...inputDifferences(before.inputs, after.inputs),
    ...(before.seed === after.seed ? [] : [`seed ${before.seed} -> ${after.seed}`]),
  ];
}

/** The differences as one line. */
export function describeDifferences(before: KeyParts, after: KeyParts): string {
  const all = differences(before, after);
  const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : [];
  return all.length === 0 ? REASON.lost : [...all.slice(0, SHOWN), ...more].join("; ");
}

function recordDifferences(
  what: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, now] = [before[name], after[name]].map((value) =>
      value === undefined ? "(none)" : canonicalJson(value)
    );
    return old === now ? [] : [`${what}.${name} ${shorten(old)} -> ${shorten(now)}`];
  });
}

function shorten(text: string): string {
  if (/^"[0-9a-f]{64}"$/.test(text)) return text.slice(1, 9);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

function inputDifferences(before: KeyParts["inputs"], after: KeyParts["inputs"]): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => inputDifference(name, before[name], after[name]));
}

function inputDifference(
  name: string,
  before: InputKey | undefined,
  after: InputKey | undefined,
): string[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (!before || !after) return [`input ${name}: ${after ? "added" : "removed"}`];
  if (!isGathered(before) && !isGathered(after)) return columnChanges(name, before, after);
  if (!isGathered(before) || !isGathered(after)) return [`input ${name}: changed`];
  if (before.length !== after.length) {
    return [`input ${name}: ${before.length} -> ${after.length} tables`];
  }
  const changed = after.filter((member, i) => canonicalJson(member) !== canonicalJson(before[i]));
  return [`input ${name}: ${changed.length} of ${after.length} tables changed`];
}

function isGathered(input: NonNullable<InputKey>): input is Extract<InputKey, readonly unknown[]> {
  return Array.isArray(input);
}

function columnChanges(
  name: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const columns = Object.keys(after).filter((column) => before[column] !== after[column]);
  if (columns.length === 0) return [`input ${name}: reads fewer columns`];
  const list = columns.map((column) => `\`${column}\``).join(", ");
  return [`input ${name}: column${columns.length > 1 ? "s" : ""} ${list} changed`];
}
