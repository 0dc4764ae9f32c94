/**
 * References to params: `${name}` stands for the value of a top-level param.
 *
 * @module
 */
import { suggestion } from "../base/suggest.ts";
import {
  type Located,
  type LocatedMap,
  type LocatedScalar,
  MOST_WEIGHT,
  type Problems,
  weightOf,
} from "./located.ts";

/** A text may be this long once its references are replaced. */
const MOST_CHARACTERS = 2 ** 16;

/** Replaces references by the params' values. Params may refer to each other, but not in a circle. */
export class References {
  readonly #params: LocatedMap;
  readonly #problems: Problems;
  /** Values without references, by param; `null` while one is being made. */
  readonly #values = new Map<string, Located | null>();

  constructor(params: LocatedMap, problems: Problems) {
    this.#params = params;
    this.#problems = problems;
  }

  /** The params, without references. */
  params(): LocatedMap {
    const entries = [...this.#params.entries].map(([name, { key, value }]) =>
      [name, { key, value: this.#param(name) ?? value }] as const
    );
    return { ...this.#params, entries: new Map(entries) };
  }

  /** The tree without references. A text that is a reference and nothing else takes the value's type. */
  replace(node: Located): Located {
    const replaced = this.#replace(node);
    if (weightOf(replaced) <= MOST_WEIGHT) return replaced;
    const message = `with its references replaced this has more than ${MOST_WEIGHT} characters`;
    this.#problems.add(node.place, message);
    return { kind: "scalar", value: null, place: node.place };
  }

  #replace(node: Located): Located {
    if (node.kind === "list") {
      return { ...node, items: node.items.map((item) => this.#replace(item)) };
    }
    if (node.kind === "map") {
      const entries = [...node.entries].map(([name, { key, value }]) =>
        [name, { key, value: this.#replace(value) }] as const
      );
      return { ...node, entries: new Map(entries) };
    }
    return typeof node.value === "string" ? this.#text(node, node.value) : node;
  }

  #text(node: LocatedScalar, text: string): Located {
    const whole = /^\$\{(\w+)\}$/.exec(text);
    if (whole) {
      const found = this.#find(whole[1], node);
      return found ? { ...found, place: node.place } : node;
    }
    const misspelt = /\$\{[^{}\w]*[\w.-]+[^{}\w]*\}/.exec(text.replace(/\$\{\w+\}/g, ""));
    if (misspelt) {
      const message = `${misspelt[0]} refers to nothing: a param's name is letters, digits and _`;
      this.#problems.add(node.place, message);
    }
    return { ...node, value: this.#filledIn(node, text) };
  }

  #filledIn(node: LocatedScalar, text: string): string {
    let length = text.length;
    return text.replace(/\$\{(\w+)\}/g, (reference, name) => {
      const found = this.#find(name, node);
      if (!found) return reference;
      const value = this.#asText(name, found, node);
      length += value.length;
      if (length <= MOST_CHARACTERS) return value;
      const message =
        `with its references replaced this text has more than ${MOST_CHARACTERS} characters`;
      this.#problems.add(node.place, message);
      return "";
    });
  }

  #asText(name: string, value: Located, { place }: LocatedScalar): string {
    if (value.kind === "scalar" && value.value !== null) return String(value.value);
    const what = value.kind === "scalar"
      ? "null"
      : `a ${value.kind === "map" ? "mapping" : "list"}`;
    const message = `param "${name}" is ${what}, which cannot stand inside a text`;
    this.#problems.add(place, message, `write \${${name}} alone, or refer to a text or a number`);
    return "";
  }

  #find(name: string, { place }: LocatedScalar): Located | undefined {
    const found = this.#param(name);
    if (found === undefined) {
      const known = [...this.#params.entries.keys()];
      this.#problems.add(place, `there is no param "${name}"`, suggestion(name, known));
    }
    if (found === null) this.#problems.add(place, `param "${name}" refers to itself`);
    return found ?? undefined;
  }

  #param(name: string): Located | null | undefined {
    const value = this.#params.entries.get(name)?.value;
    if (value === undefined) return undefined;
    let replaced = this.#values.get(name);
    if (replaced === undefined) {
      this.#values.set(name, null);
      replaced = this.replace(value);
      this.#values.set(name, replaced);
    }
    return replaced;
  }
}
