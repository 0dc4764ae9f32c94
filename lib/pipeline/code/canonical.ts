/**
 * Gives the private names of a bundle canonical ones, so that renaming what nobody can see changes
 * nothing. The result is what is executed and what is hashed: a name that a program could observe
 * stays, and no other can matter.
 *
 * A name is observable where a function or class carries it as its `name`: a class always, a
 * function unless it is only ever called. `Function.prototype.toString` shows the canonical text.
 *
 * @module
 */
import { analyze, type Variable } from "eslint-scope";
import { applyEdits, type Edit, type MappedText } from "./edits.ts";
import { type Node, parse, walk } from "./syntax.ts";

/**
 * A bundle in its canonical form.
 *
 * @param replace What takes the place of a string; `null` leaves it.
 */
export function canonicalise(
  bundle: MappedText,
  replace: (text: string) => string | null,
): MappedText {
  const { program, comments } = parse(bundle.text);
  const root = program as unknown as Node;
  const edits: Edit[] = [];
  for (const { start, end } of comments) {
    if (!bundle.text.slice(start, end).includes("\n")) edits.push({ start, end, text: "" });
  }
  const places = new Places();
  walk(root, (node) => {
    places.add(node);
    if (node.type !== "Literal" || typeof node.value !== "string") return;
    const text = replace(node.value);
    if (text !== null) edits.push({ start: node.start, end: node.end, text: JSON.stringify(text) });
  });
  if (!places.hasEval) edits.push(...renamings(root, places, bundle.text));
  return applyEdits(bundle, edits);
}

/** What the renaming of an identifier depends on, by where identifiers start. */
class Places {
  /** Identifiers that are called. */
  readonly callees = new Set<number>();
  /** Identifiers that also are a property's name. */
  readonly shorthands = new Set<number>();
  /** Identifiers that also are the name of an import or an export. */
  readonly imports = new Set<number>();
  readonly exports = new Set<number>();
  /** Names that no variable of this text has. */
  readonly words = new Set<string>();
  /** Whether code could look names up at run time. */
  hasEval = false;

  add(node: Node): void {
    if (node.type === "Identifier") this.words.add(node.name);
    if (node.type === "CallExpression" && node.callee.type === "Identifier") {
      this.callees.add(node.callee.start);
      if (node.callee.name === "eval") this.hasEval = true;
    }
    if (node.type === "Property" && node.shorthand) this.shorthands.add(node.key.start);
    if (node.type === "ImportSpecifier" && node.imported.start === node.local.start) {
      this.imports.add(node.local.start);
    }
    if (node.type === "ExportSpecifier" && node.local.start === node.exported.start) {
      this.exports.add(node.local.start);
    }
  }
}

function renamings(root: Node, places: Places, text: string): Edit[] {
  const manager = analyze(root as never, {
    ecmaVersion: 2024,
    sourceType: "module",
    fallback: "iteration",
  });
  const variables = manager.scopes.flatMap((scope) =>
    scope.variables.filter((variable) =>
      variable.identifiers.length > 0 && !isObservable(variable, places)
    )
  );
  const occurrences = variables.map(placesOf).sort(([a], [b]) => a.start - b.start);
  const prefix = unusedPrefix(places.words);
  return occurrences.flatMap((nodes, i) =>
    nodes.map((node) => renaming(node, `${prefix}${i}`, places, text))
  );
}

/** The identifiers of a variable, in order. */
function placesOf({ identifiers, references }: Variable): Node[] {
  const nodes = [...identifiers, ...references.map(({ identifier }) => identifier)];
  const byStart = new Map((nodes as unknown as Node[]).map((node) => [node.start, node]));
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

function renaming({ start, end }: Node, name: string, places: Places, text: string): Edit {
  const word = text.slice(start, end);
  const replacement = places.shorthands.has(start)
    ? `${word}: ${name}`
    : places.imports.has(start)
    ? `${word} as ${name}`
    : places.exports.has(start)
    ? `${name} as ${word}`
    : name;
  return { start, end, text: replacement };
}

/** Whether a value of the program could carry the variable's name. */
function isObservable(variable: Variable, { callees }: Places): boolean {
  const { defs, references } = variable;
  const isOnlyCalled = references.every((reference) =>
    !reference.isRead() || callees.has((reference.identifier as unknown as Node).start)
  );
  const isNamed = defs.some(({ type, node }) =>
    type === "ClassName" ||
    (type === "FunctionName" && (node.type !== "FunctionDeclaration" || !isOnlyCalled))
  );
  return isNamed || references.some(({ writeExpr }) => {
    const value = writeExpr as unknown as Node | undefined;
    if (!value || value.id) return false;
    if (value.type === "ClassExpression") return true;
    return /^(Arrow)?FunctionExpression$/.test(value.type) && !isOnlyCalled;
  });
}

function unusedPrefix(words: ReadonlySet<string>): string {
  for (let prefix = "$";; prefix += "$") {
    const pattern = new RegExp(`^${prefix.replaceAll("$", "\\$")}\\d+$`);
    if (![...words].some((word) => pattern.test(word))) return prefix;
  }
}
