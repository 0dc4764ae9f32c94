/**
 * A configuration as a tree whose every node knows its place in the source, so that whatever is
 * wrong can be pointed at, also after profiles are merged in.
 *
 * @module
 */
import type { Issue } from "../base/errors.ts";
import type { Json } from "../base/json.ts";

/** A text that nodes point into. */
export interface Source {
  /** As the user would write it: a relative path, or an option of the command line. */
  readonly file: string;
  readonly text: string;
}

/** A stretch of a source. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A mapping. */
export interface LocatedMap {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, { readonly key: Place; readonly value: Located }>;
  readonly place: Place;
}

/** A list. */
export interface LocatedList {
  readonly kind: "list";
  readonly items: readonly Located[];
  readonly place: Place;
}

/** A text, a number, a boolean or null. */
export interface LocatedScalar {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly place: Place;
}

/** A node of the tree. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

/** Collects everything that is wrong. */
export class Problems {
  readonly issues: Issue[] = [];

  /** Whether something is wrong at a place already, of which more may be a consequence. */
  hasAt(place: Place): boolean {
    const { file, line, column } = describePlace(place);
    return this.issues.some((issue) =>
      issue.file === file && issue.line === line && issue.column === column
    );
  }

  /** Adds a problem at a place, once. */
  add(place: Place, message: string, suggestion?: string): void {
    const at = describePlace(place);
    const isKnown = this.issues.some((issue) =>
      issue.message === message && issue.file === at.file && issue.line === at.line &&
      issue.column === at.column
    );
    if (!isKnown) this.issues.push({ message, ...at, ...(suggestion ? { suggestion } : {}) });
  }
}

function describePlace({ source, start, end }: Place) {
  const before = source.text.slice(0, start);
  const line = before.split("\n").length;
  const lineStart = before.lastIndexOf("\n") + 1;
  const sourceLine = source.text.slice(lineStart).split("\n", 1)[0];
  const length = Math.min(end - start, sourceLine.length - (start - lineStart));
  return { file: source.file, line, column: start - lineStart + 1, source: sourceLine, length };
}

/** Lays `over` upon `base`: maps merge, everything else replaces, null removes. */
export function overlay(base: Located, over: Located): Located {
  if (base.kind !== "map" || over.kind !== "map") return over;
  const entries = new Map(base.entries);
  for (const [name, entry] of over.entries) {
    const { value } = entry;
    const below = entries.get(name);
    const isNull = value.kind === "scalar" && value.value === null;
    if (isNull && below && below.value.kind !== "scalar") entries.delete(name);
    else entries.set(name, below ? { key: entry.key, value: overlay(below.value, value) } : entry);
  }
  return { kind: "map", entries, place: base.place };
}

/** The plain value. */
export function toPlain(node: Located): Json {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(toPlain);
  return Object.fromEntries(
    [...node.entries].map(([name, { value }]) => [name, toPlain(value)]),
  );
}

/** The most that a configuration may hold, in the units of {@link weightOf}. */
export const MOST_WEIGHT = 2 ** 22;

const weights = new WeakMap<Located, number>();

/**
 * The number of nodes and characters of a tree, written out: a node that several places share, as
 * an alias or a reference makes it, counts at each of them. Takes time by nodes, not by weight.
 */
export function weightOf(node: Located): number {
  if (node.kind === "scalar") return 1 + String(node.value).length;
  let weight = weights.get(node);
  if (weight === undefined) {
    weight = node.kind === "list"
      ? node.items.reduce((sum, item) => sum + weightOf(item), 1)
      : [...node.entries].reduce(
        (sum, [name, { value }]) => sum + name.length + weightOf(value),
        1,
      );
    weights.set(node, weight);
  }
  return weight;
}
