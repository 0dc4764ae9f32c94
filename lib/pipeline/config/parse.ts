/**
 * YAML into a tree of located nodes. Takes the part of YAML that has one meaning as JSON: what could
 * be read in two ways, or would lose something, is an error at its place.
 *
 * @module
 */
import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from "yaml";
import { ConfigurationError } from "../base/errors.ts";
import {
  type Located,
  type LocatedScalar,
  MOST_WEIGHT,
  type Place,
  Problems,
  type Source,
  weightOf,
} from "./located.ts";

/** Bounds what the parser, which is not ours, is given: it takes about 300 bytes per character. */
const MOST_CHARACTERS = 2 ** 20;
const MOST_LEVELS = 64;

/** What stands for the braces of `${name}` while YAML is parsed: as long, and no YAML syntax. */
const OPEN = "\uE000";
const CLOSE = "\uE001";

/**
 * Parses YAML, in which `${name}` may stand unquoted also between braces and brackets.
 *
 * @param options.from Where in the source the YAML starts. @default {0}
 * @throws {ConfigurationError} on the first syntax error, since those that follow are mostly its
 * consequences; else with everything that cannot be taken as it is written.
 */
export function parseLocated(source: Source, options: { from?: number } = {}): Located {
  const { from = 0 } = options;
  const whole = { source, start: from, end: source.text.length };
  const fail = (place: Place, message: string, remedy?: string): never => {
    const problems = new Problems();
    problems.add(place, message, remedy);
    throw new ConfigurationError(problems.issues);
  };
  if (source.text.length > MOST_CHARACTERS) {
    const firstLine = { ...whole, end: from };
    fail(
      firstLine,
      `there are ${source.text.length} characters, at most ${MOST_CHARACTERS} are read`,
    );
  }
  const yaml = " ".repeat(from) + source.text.slice(from);
  const text = yaml.replace(/\$\{(\w+)\}/g, `$$${OPEN}$1${CLOSE}`);
  // Keys are compared here, by their names: the parser takes 1 and "1" for different ones.
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const [error] = [...document.errors, ...document.warnings];
  if (error) {
    const message = error.code === "RESOURCE_EXHAUSTION" ? TOO_DEEP : error.message;
    fail({ source, start: error.pos[0], end: error.pos[1] }, message);
  }
  const reader = new TreeReader(source);
  const tree = reader.read(document.contents, whole);
  if (reader.problems.issues.length > 0) throw new ConfigurationError(reader.problems.issues);
  return tree;
}

const TOO_DEEP = `there are more than ${MOST_LEVELS} levels, one within the other`;

class TreeReader {
  readonly problems = new Problems();
  readonly #source: Source;
  /** The nodes behind anchors so far; `null` while one is being read. */
  readonly #anchors = new Map<string, Located | null>();
  #level = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  read(node: Node | null, around: Place): Located {
    const [start, end] = node?.range ?? [around.start, around.start];
    const place = { source: this.#source, start, end };
    if (this.#level >= MOST_LEVELS) return this.#nothing(place, TOO_DEEP);
    if (isAlias(node)) return this.#alias(node.source, place);
    if (node?.tag !== undefined) {
      this.problems.add(place, `tags such as ${node.tag} have no meaning`);
    }
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, null);
    this.#level += 1;
    const tree = this.#content(node, place);
    this.#level -= 1;
    if (anchor !== undefined) this.#anchors.set(anchor, tree);
    return tree;
  }

  #content(node: Node | null, place: Place): Located {
    if (isMap(node)) return this.#map(node, place);
    if (isSeq(node)) {
      return this.#bounded({
        kind: "list",
        items: node.items.map((item) => this.read(item as Node | null, place)),
        place,
      });
    }
    return { kind: "scalar", value: this.#value(isScalar(node) ? node.value : null, place), place };
  }

  #map(node: YAMLMap, place: Place): Located {
    const entries = new Map<string, { key: Place; value: Located }>();
    for (const pair of node.items) {
      const key = this.read(pair.key as Node | null, place);
      const name = this.#name(key);
      const value = this.read(pair.value as Node | null, key.place);
      if (name === null) continue;
      if (entries.has(name)) this.problems.add(key.place, `the key "${name}" is there twice`);
      entries.set(name, { key: key.place, value });
    }
    return this.#bounded({ kind: "map", entries, place });
  }

  #name(key: Located): string | null {
    if (key.kind !== "scalar" || key.value === null || key.value === "") {
      this.problems.add(key.place, "a key must be a text or a number", "give it a name");
      return null;
    }
    const name = String(key.value);
    if (name.includes("${")) {
      this.problems.add(key.place, "a key is taken as it is written: it cannot refer to a param");
    }
    if (name === "<<") {
      this.problems.add(key.place, "merge keys are not supported", 'use "like:", or a profile');
      return null;
    }
    return name;
  }

  #alias(anchor: string, place: Place): Located {
    const target = this.#anchors.get(anchor);
    if (target === undefined) {
      return this.#nothing(place, `there is no anchor "&${anchor}" before this`);
    }
    if (target === null) return this.#nothing(place, `"&${anchor}" contains itself`);
    return { ...target, place };
  }

  #bounded(node: Located): Located {
    if (weightOf(node) <= MOST_WEIGHT) return node;
    const message = `written out, the aliases in this make more than ${MOST_WEIGHT} characters`;
    this.problems.add(node.place, message);
    throw new ConfigurationError(this.problems.issues);
  }

  #value(value: unknown, place: Place): LocatedScalar["value"] {
    if (typeof value === "string") return value.replaceAll(OPEN, "{").replaceAll(CLOSE, "}");
    if (typeof value === "number") return this.#number(value, place);
    if (value === null || typeof value === "boolean") return value;
    this.problems.add(place, "this must be a text, a number, true, false or null");
    return null;
  }

  #number(value: number, place: Place): number {
    const text = this.#source.text.slice(place.start, place.end);
    if (!Number.isFinite(value)) {
      this.problems.add(place, `${text} cannot be kept as a number`, "a number must be finite");
    } else if (Math.abs(value) > Number.MAX_SAFE_INTEGER && /^[-+]?\d+$/.test(text)) {
      const remedy = "put it into quotes, to keep it as a text";
      this.problems.add(place, `${text} would be rounded to ${BigInt(value)}`, remedy);
    }
    return value;
  }

  #nothing(place: Place, message: string): Located {
    this.problems.add(place, message);
    return { kind: "scalar", value: null, place };
  }
}
