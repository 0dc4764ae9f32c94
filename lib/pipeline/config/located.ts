/**
 * YAML as a tree whose every node knows its place in the source, so that whatever is wrong can be
 * pointed at, also after profiles were merged in.
 *
 * @module
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { ConfigurationError, type Issue } from "../base/errors.ts";
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

/** What stands for the braces of `${name}` while YAML is parsed: as long, and no YAML syntax. */
const OPEN = "\uE000";
const CLOSE = "\uE001";

/**
 * Parses YAML, in which `${name}` may stand unquoted also between braces and brackets.
 *
 * @param options.from Where in the source the YAML starts. @default {0}
 * @throws {ConfigurationError} on a syntax error, at the first one: those that follow are mostly
 * its consequences.
 */
export function parseLocated(source: Source, options: { from?: number } = {}): Located {
  const { from = 0 } = options;
  const yaml = " ".repeat(from) + source.text.slice(from);
  const text = yaml.replace(/\$\{(\w+)\}/g, `$$${OPEN}$1${CLOSE}`);
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const [start, end] = error.pos;
    const problems = new Problems();
    problems.add({ source, start, end }, error.message);
    throw new ConfigurationError(problems.issues);
  }
  const whole = { source, start: from, end: source.text.length };
  return convert(document.contents as Node | null, whole, document);
}

function convert(node: Node | null, around: Place, document: Document): Located {
  const { source } = around;
  const [start, end] = node?.range ?? [around.start, around.start];
  const place = { source, start, end };
  if (isMap(node)) {
    const entries = node.items.map((pair) => {
      const key = convert(pair.key as Node, place, document);
      const name = key.kind === "scalar" ? String(key.value) : "";
      return [name, {
        key: key.place,
        value: convert(pair.value as Node | null, key.place, document),
      }];
    });
    return { kind: "map", entries: new Map(entries as never), place };
  }
  if (isSeq(node)) {
    return {
      kind: "list",
      items: node.items.map((item) => convert(item as Node, place, document)),
      place,
    };
  }
  if (isAlias(node)) {
    const target = node.resolve(document);
    if (target) return { ...convert(target as Node, place, document), place };
    const problems = new Problems();
    problems.add(place, `there is no anchor "&${node.source}" that this could refer to`);
    throw new ConfigurationError(problems.issues);
  }
  const found = isScalar(node) ? node.value : null;
  const value = typeof found === "string"
    ? found.replaceAll(OPEN, "{").replaceAll(CLOSE, "}")
    : found;
  const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
  return { kind: "scalar", value: isPlain ? value as string : String(value), place };
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

/** The tree with every `${name}` replaced by the param of that name; a whole `${name}` keeps its type. */
export function interpolate(
  node: Located,
  params: ReadonlyMap<string, Located>,
  problems: Problems,
  suggest: (name: string) => string,
): Located {
  if (node.kind === "list") {
    const items = node.items.map((item) => interpolate(item, params, problems, suggest));
    return { ...node, items };
  }
  if (node.kind === "map") {
    const entries = [...node.entries].map(([name, { key, value }]) =>
      [name, { key, value: interpolate(value, params, problems, suggest) }] as const
    );
    return { ...node, entries: new Map(entries) };
  }
  if (typeof node.value !== "string") return node;
  const find = (name: string): Located | undefined => {
    const found = params.get(name);
    if (!found) problems.add(node.place, `there is no param "${name}"`, suggest(name));
    return found;
  };
  const whole = /^\$\{(\w+)\}$/.exec(node.value);
  if (whole) {
    const found = find(whole[1]);
    return found ? { ...found, place: node.place } : node;
  }
  const value = node.value.replace(/\$\{(\w+)\}/g, (_, name) => {
    const found = find(name);
    return found ? String(toPlain(found)) : "";
  });
  return { ...node, value };
}
