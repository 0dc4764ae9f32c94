/**
 * Marks calls of functions without side effects, so that esbuild drops what only they would keep:
 * a schema that a stage does not use is then no part of the stage's code. esbuild heeds
 * `@__NO_SIDE_EFFECTS__` at a function only in the function's own file; here it holds across files,
 * as Rollup has it. The text is bundled for its digest alone and never runs.
 *
 * @module
 */

const DECLARATION =
  /\/\* @__NO_SIDE_EFFECTS__ \*\/\s*export (?:async )?function (\w+)|export const (\w+) = \/\* @__NO_SIDE_EFFECTS__ \*\//g;
const IMPORT = /^import\s*\{([^}]*)\}\s*from\s*["']([^"']+)["']/gm;

/**
 * The source of a module with calls of such imported functions marked as pure.
 *
 * @param read Reads the module that an import of this one names; `null` if that is no local file.
 */
export async function markPureCalls(
  source: string,
  read: (specifier: string) => Promise<string | null>,
): Promise<string> {
  let marked = source;
  for (const [, names, from] of source.matchAll(IMPORT)) {
    const pure = pureFunctions(await read(from) ?? "");
    for (const { imported, local } of importedNames(names)) {
      if (!pure.has(imported)) continue;
      marked = marked.replace(new RegExp(`(?<![\\w$.])${local}\\(`, "g"), "/* @__PURE__ */ $&");
    }
  }
  return marked;
}

function pureFunctions(source: string): Set<string> {
  return new Set([...source.matchAll(DECLARATION)].map(([, named, constant]) => named ?? constant));
}

function importedNames(list: string): { imported: string; local: string }[] {
  return list.split(",").flatMap((item) => {
    const match = /^\s*(\w+)(?:\s+as\s+(\w+))?\s*$/.exec(item);
    return match ? [{ imported: match[1], local: match[2] ?? match[1] }] : [];
  });
}
