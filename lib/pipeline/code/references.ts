/**
 * Files that a module names by `new URL("./x", import.meta.url)` or `import.meta.resolve("./x")`:
 * workers, and data beside the code. In a bundle they become marks, so that what shaking leaves of
 * them can be found, and given the places that they have in the bundle's folder.
 *
 * @module
 */
import type { Edit } from "./edits.ts";
import { isImportMeta, type Node, stringOf, type Syntax, walk } from "./syntax.ts";

/** What starts a string that stands for a file. */
const MARK = "referenced-file:";

/** The string that stands for a file in a bundle. */
export function markOf(address: string): string {
  return MARK + address;
}

/** The address of the file that a string in a bundle stands for; `null` for any other string. */
export function markedAddress(text: string): string | null {
  return text.startsWith(MARK) ? text.slice(MARK.length) : null;
}

/** The addresses of all files that a bundle refers to. */
export function addressesIn(bundle: string): string[] {
  const marks = bundle.matchAll(/"referenced-file:([^"]+)"/g);
  return [...new Set([...marks].map(([, address]) => address))];
}

/** How a module uses `import.meta`. */
export interface MetaUses {
  /** Addresses of files that it names. */
  readonly files: readonly string[];
  /** Names that it looks up as an import would. */
  readonly lookUps: readonly string[];
}

/** What a module names by `import.meta`. @param address Its own. */
export function metaUses(address: string, syntax: Syntax): MetaUses {
  const files: string[] = [];
  const lookUps: string[] = [];
  visitMeta(address, syntax, {
    file: (_, file) => files.push(file),
    lookUp: (_, specifier) => lookUps.push(specifier),
    main: () => {},
  });
  return { files, lookUps };
}

/**
 * Edits that make a module's uses of `import.meta` hold in a bundle.
 *
 * @param isMain Whether the module is started as a program of its own, as workers are.
 * @param find What a looked-up name stands for: another name, or a file; `null` if it is unknown.
 */
export function metaEdits(
  address: string,
  syntax: Syntax,
  isMain: boolean,
  find: (specifier: string) => { readonly name: string } | { readonly file: string } | null,
): Edit[] {
  const edits: Edit[] = [];
  const replace = ({ start, end }: Node, text: string) => edits.push({ start, end, text });
  const fileUrl = (file: string) => `new URL(${JSON.stringify(markOf(file))}, import.meta.url)`;
  visitMeta(address, syntax, {
    file(node, file) {
      replace(node, node.type === "NewExpression" ? fileUrl(file) : `${fileUrl(file)}.href`);
    },
    lookUp(node, specifier) {
      const found = find(specifier);
      if (found && "file" in found) replace(node, `${fileUrl(found.file)}.href`);
      else if (found) replace(node.arguments[0], JSON.stringify(found.name));
    },
    main(node) {
      if (!isMain) replace(node, "false");
    },
  });
  return edits;
}

interface MetaVisitor {
  /** A whole expression that is the URL of a file, or its address. */
  file(node: Node, address: string): void;
  /** A call of `import.meta.resolve`. */
  lookUp(node: Node, specifier: string): void;
  main(node: Node): void;
}

function visitMeta(address: string, { program }: Syntax, visitor: MetaVisitor): void {
  walk(program as unknown as Node, (node) => {
    const path = node.type === "NewExpression" ? relativeUrl(node) : null;
    if (path !== null) {
      visitor.file(node, new URL(path, address).href);
      return false;
    }
    const isLookUp = node.type === "CallExpression" && isImportMeta(node.callee, "resolve");
    const name = isLookUp ? stringOf(node.arguments[0]) : null;
    if (name !== null) {
      if (isRelative(name)) visitor.file(node, new URL(name, address).href);
      else visitor.lookUp(node, name);
      return false;
    }
    if (isImportMeta(node, "url")) visitor.file(node, address);
    if (isImportMeta(node, "main")) visitor.main(node);
    return true;
  });
}

/** The path in `new URL("./x", import.meta.url)`. */
function relativeUrl({ callee, arguments: [path, base] }: Node): string | null {
  const text = callee.type === "Identifier" && callee.name === "URL" ? stringOf(path) : null;
  return text !== null && isRelative(text) && isImportMeta(base, "url") ? text : null;
}

function isRelative(path: string): boolean {
  return /^\.{0,2}\//.test(path);
}
