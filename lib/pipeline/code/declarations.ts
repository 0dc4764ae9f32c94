/**
 * The parts of a bundle: a digest of every top-level declaration that esbuild kept, by module, so
 * that a changed code key can be explained by what a person changed. They explain keys and never
 * enter one.
 *
 * esbuild prints one layout whatever the source's: a comment with its path before each module,
 * statements from the first column, what is inside them indented, and no other comments. To split
 * by that layout takes a hundredth of the time of a parser.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Digests by declaration, e.g. ``function `step` ``. */
export type Declarations = Readonly<Record<string, string>>;

/** Hexadecimal digits of a digest: enough to tell versions of one declaration apart. */
const DIGEST_DIGITS = 16;

/** How statements start, and what they declare. */
const STARTS: readonly (readonly [RegExp, string])[] = [
  [/^(?:async )?function\*? ([\w$]+)\(/, "function "],
  [/^(?:var |let |const )?([\w$]+) = (?:\/\* @__PURE__ \*\/ )?class\b/, "class "],
  [/^class ([\w$]+)/, "class "],
  [/^(?:var |let |const )?([\w$.]+) = /, ""],
];

/**
 * The declarations in a bundle that esbuild printed without minifying it.
 *
 * @param modules The modules' paths as esbuild's comments give them.
 * @returns Declarations by module; comments and formatting do not change them.
 */
export function declarationsOf(
  bundle: string,
  modules: readonly string[],
): Record<string, Declarations> {
  const defaultName = /\n {2}([\w$]+) as default,?\n/.exec(bundle)?.[1];
  return Object.fromEntries(
    Object.entries(sections(bundle, new Set(modules))).map(([module, lines]) => {
      const parts = statements(unwrapLazy(lines)).flatMap((each) => named(each, defaultName));
      return [module, digestByName(parts)];
    }),
  );
}

/** The lines of every module. */
function sections(bundle: string, modules: ReadonlySet<string>): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  let lines: string[] = [];
  for (const line of bundle.split("\n")) {
    const path = line.startsWith("// ") ? line.slice(3) : "";
    if (modules.has(path)) lines = found[path] ??= [];
    else lines.push(line);
  }
  return found;
}

/** A module that is imported lazily stands in `var init_x = __esm({ "path"() { ... } })`. */
function unwrapLazy(lines: readonly string[]): string[] {
  const start = lines.findIndex((line) => /^var init_[\w$]+ = __esm\(\{$/.test(line));
  if (start < 0) return [...lines];
  const inner = lines.slice(start + 2, lines.lastIndexOf("});") - 1);
  return [
    ...lines.slice(0, start),
    ...inner.map((line) => line.slice(4)).filter((line) => !/^init_[\w$]+\(\);$/.test(line)),
  ];
}

/** The statements among lines, each with what is inside it. */
function statements(lines: readonly string[]): string[][] {
  const found: string[][] = [];
  let backticks = 0;
  for (const line of lines) {
    const isInTemplate = backticks % 2 === 1;
    if (!isInTemplate && /^[^\s})\]]/.test(line)) {
      found.push([]);
      backticks = 0;
    }
    found.at(-1)?.push(line);
    backticks += line.replace(/\\./g, "").split("`").length - 1;
  }
  return found;
}

type Named = readonly [name: string, text: string];

/** A statement by what it declares; a default export by the properties of its definition. */
function named(lines: readonly string[], defaultName: string | undefined): Named[] {
  const text = lines.join("\n").trimEnd();
  if (/^(?:export \{|import\b|var [\w$, ]+;$)/.test(text)) return [];
  for (const [pattern, kind] of STARTS) {
    const name = pattern.exec(lines[0])?.[1];
    if (name === undefined) continue;
    const isDefinition = name === defaultName && lines[0].endsWith("({");
    return isDefinition ? properties(lines) : [[`${kind}\`${name}\``, text]];
  }
  return [["a statement", text]];
}

function properties(lines: readonly string[]): Named[] {
  const found: [string, string][] = [];
  for (const line of lines) {
    const name = /^ {2}(?:async )?(\w+)\b/.exec(line)?.[1];
    if (name !== undefined) found.push([`\`${name}\``, line]);
    else if (found.length === 0) found.push(["its definition", line]);
    else found.at(-1)![1] += `\n${line}`;
  }
  return found;
}

function digestByName(parts: readonly Named[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, text] of parts) texts[name] = `${texts[name] ?? ""}${text}\n`;
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      createHash("sha256").update(text).digest("hex").slice(0, DIGEST_DIGITS),
    ]),
  );
}
