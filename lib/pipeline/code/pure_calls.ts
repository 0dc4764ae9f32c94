/**
 * Marks calls of functions without side effects, so that esbuild drops what only they would keep:
 * a schema that a stage does not use is then no part of the stage's code. esbuild heeds
 * `@__NO_SIDE_EFFECTS__` at a function only in the function's own file; here it holds across files,
 * as Rollup has it.
 *
 * Only calls in the initialisers of a module's own variables are marked, outside of any function:
 * no parameter or local variable can have the function's name there.
 *
 * @module
 */
import type { Edit } from "./edits.ts";
import { type Node, type Syntax, walk } from "./syntax.ts";

/** What a function's author writes before it. */
export const NO_SIDE_EFFECTS = "@__NO_SIDE_EFFECTS__";

/** The exported functions of a module that have no side effects. */
export function pureExports(text: string, { program, comments }: Syntax): Set<string> {
  const notes = comments.filter(({ value }) => value.includes(NO_SIDE_EFFECTS));
  const isNoted = ({ start }: Node) =>
    notes.some(({ end }) => end <= start && /^\s*$/.test(text.slice(end, start)));
  const names = new Set<string>();
  for (const statement of program.body as unknown as Node[]) {
    if (statement.type !== "ExportNamedDeclaration" || !statement.declaration) continue;
    const { declaration } = statement;
    if (declaration.type === "FunctionDeclaration") {
      if (isNoted(statement) || isNoted(declaration)) names.add(declaration.id.name);
    } else if (declaration.kind === "const") {
      for (const { id, init } of declaration.declarations) {
        if (init && isNoted(init)) names.add(id.name);
      }
    }
  }
  return names;
}

/**
 * Edits that mark a module's pure calls.
 *
 * @param pureOf The pure functions of the module that an import names.
 */
export function pureCallEdits(
  { program }: Syntax,
  pureOf: (specifier: string) => ReadonlySet<string>,
): Edit[] {
  const body = program.body as unknown as Node[];
  const pure = new Set(body.flatMap((node) => pureImports(node, pureOf)));
  if (pure.size === 0) return [];
  const edits: Edit[] = [];
  for (const statement of body) {
    const declaration = statement.type === "ExportNamedDeclaration"
      ? statement.declaration
      : statement;
    if (declaration?.type !== "VariableDeclaration") continue;
    walk(declaration, (node) => {
      if (/Function|Class/.test(node.type)) return false;
      const isCall = node.type === "CallExpression" && node.callee.type === "Identifier";
      if (isCall && pure.has(node.callee.name)) {
        edits.push({ start: node.start, end: node.start, text: "/* @__PURE__ */ " });
      }
      return true;
    });
  }
  return edits;
}

/** The local names of pure functions that a statement imports. */
function pureImports(
  node: Node,
  pureOf: (specifier: string) => ReadonlySet<string>,
): string[] {
  if (node.type !== "ImportDeclaration" || node.importKind === "type") return [];
  const named = (node.specifiers as Node[]).filter(({ type }) => type === "ImportSpecifier");
  if (named.length === 0) return [];
  const pure = pureOf(node.source.value);
  return named.flatMap(({ imported, local }) => pure.has(imported.name) ? [local.name] : []);
}
