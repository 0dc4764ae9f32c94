/**
 * Programs as syntax trees.
 *
 * @module
 */
import { type Comment, type ParserOptions, parseSync, type Program, visitorKeys } from "oxc-parser";

/** A node of any type, as ESTree defines it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  // deno-lint-ignore no-explicit-any -- what a node holds depends on its type
  readonly [property: string]: any;
}

/** A program's tree and comments. */
export interface Syntax {
  readonly program: Program;
  readonly comments: readonly Comment[];
}

/** What keeps a text from being a program. */
export class Mistake extends Error {
  /** Where it is in the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Parses a module. @throws {Mistake} at its first mistake. */
export function parse(text: string, lang: ParserOptions["lang"] = "js"): Syntax {
  const options = { lang, sourceType: "module", preserveParens: false, range: true } as const;
  const { program, comments, errors } = parseSync("module", text, options);
  if (errors.length > 0) throw new Mistake(errors[0].message, errors[0].labels[0]?.start ?? 0);
  return { program, comments };
}

/** Visits a node and all below it, each with its parent. @param enter Returns whether to go on. */
export function walk(
  node: Node,
  enter: (node: Node, parent: Node | null) => boolean | void,
  parent: Node | null = null,
): void {
  if (enter(node, parent) === false) return;
  for (const key of visitorKeys[node.type] ?? []) {
    const below = node[key];
    for (const child of Array.isArray(below) ? below : [below]) {
      if (child && typeof child.type === "string") walk(child, enter, node);
    }
  }
}

/** The text of a string literal, or `null` for anything else. */
export function stringOf(node: Node | undefined): string | null {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  const isPlain = node?.type === "TemplateLiteral" && node.expressions.length === 0;
  return isPlain ? node.quasis[0].value.cooked : null;
}

/** Whether a node is `import.meta.NAME`. */
export function isImportMeta(node: Node | undefined, name: string): boolean {
  return node?.type === "MemberExpression" && !node.computed && node.property.name === name &&
    node.object.type === "MetaProperty" && node.object.meta.name === "import";
}
