/**
 * Why an instance is not fresh, in the words of the person who changed something.
 *
 * @module
 */
import { codeDifferences, type CodeParts } from "../code/code_parts.ts";
import { canonicalJson, isPlainObject, lookUp } from "../base/json.ts";
import type { KeyParts } from "../store/manifest.ts";

/** Reasons that do not come from comparing keys. */
export const REASON = {
  fresh: "up to date",
  neverRan: "never ran",
  lost: "its result is missing from the store or damaged",
  gone: "its last result is gone",
  forced: "forced",
  restored: "an earlier result fits",
} as const;

/** How many differences a reason names. */
const SHOWN = 4;

/** Looks up what stands behind a code key; `null` where nothing is known of it. */
export type CodeLookup = (key: string) => CodeParts | null;

/** Parts of a key as they are compared; a gathered input may stand as digests of its tables. */
export type ComparedParts = Pick<KeyParts, "code" | "params" | "locations" | "seed"> & {
  readonly inputs: Readonly<Record<string, ComparedInput>>;
};

/** An input as it is compared. */
export type ComparedInput = null | Readonly<Record<string, string>> | readonly unknown[];

/** The differences between two keys, e.g. `params.lr 0.003 -> 0.001`. */
export function differences(
  before: ComparedParts,
  after: ComparedParts,
  codeOf: CodeLookup,
): string[] {
  return [
    ...codeChanges(before.code, after.code, codeOf),
    ...recordDifferences("params.", before.params, after.params),
    ...recordDifferences("content of ", before.locations, after.locations),
    ...inputDifferences(before.inputs, after.inputs),
    ...(before.seed === after.seed ? [] : [`seed ${before.seed} -> ${after.seed}`]),
  ];
}

/** The differences as one line. */
export function describeDifferences(
  before: ComparedParts,
  after: ComparedParts,
  codeOf: CodeLookup,
): string {
  const all = differences(before, after, codeOf);
  const more = all.length > SHOWN ? [`and ${all.length - SHOWN} more`] : [];
  return all.length === 0 ? REASON.lost : [...all.slice(0, SHOWN), ...more].join("; ");
}

function codeChanges(before: string, after: string, codeOf: CodeLookup): string[] {
  if (before === after) return [];
  const [old, now] = [codeOf(before), codeOf(after)];
  const changes = old && now ? codeDifferences(old, now) : [];
  return changes.length > 0 ? changes : ["code changed"];
}

/** Mappings within mappings are followed down to the values that differ. */
function recordDifferences(
  what: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const [old, now] = [lookUp(before, name), lookUp(after, name)];
    if (isPlainObject(old) && isPlainObject(now)) {
      return recordDifferences(`${what}${name}.`, old, now);
    }
    const [a, b] = [old, now].map((value) => value === undefined ? "(none)" : canonicalJson(value));
    return a === b ? [] : [`${what}${name} ${shortenPair(a, b).join(" -> ")}`];
  });
}

const SHOWN_CHARACTERS = 40;
/** Characters before the first difference that are shown of two long texts. */
const CONTEXT = 8;

/** Two different texts, cut so that their first difference is seen. */
function shortenPair(a: string, b: string): [string, string] {
  if (a.length <= SHOWN_CHARACTERS && b.length <= SHOWN_CHARACTERS) return [a, b];
  if (/^"[0-9a-f]{64}"$/.test(a) && /^"[0-9a-f]{64}"$/.test(b)) {
    return [a.slice(1, 9), b.slice(1, 9)];
  }
  let same = 0;
  while (a[same] === b[same]) same += 1;
  const start = same < SHOWN_CHARACTERS - CONTEXT ? 0 : same - CONTEXT;
  return [shorten(a, start), shorten(b, start)];
}

function shorten(text: string, start: number): string {
  const rest = start > 0 ? `...${text.slice(start)}` : text;
  return rest.length > SHOWN_CHARACTERS ? `${rest.slice(0, SHOWN_CHARACTERS - 3)}...` : rest;
}

function inputDifferences(
  before: ComparedParts["inputs"],
  after: ComparedParts["inputs"],
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => inputDifference(name, before[name], after[name]));
}

function inputDifference(
  name: string,
  before: ComparedInput | undefined,
  after: ComparedInput | undefined,
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

function isGathered(input: NonNullable<ComparedInput>): input is readonly unknown[] {
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
