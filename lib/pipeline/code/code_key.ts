/**
 * Code keys: what a stage's results can depend on in its code. A key is the hash of the stage's
 * module graph as esbuild bundles, shakes and minifies it, with npm packages left out and their
 * locked versions hashed in their place. Comments, formatting, unrelated exports and the place of
 * the checkout change nothing; a function that the stage uses does.
 *
 * @module
 */
import {
  build,
  type BuildFailure,
  type BuildOptions,
  type OnLoadArgs,
  type Plugin,
  transform,
} from "esbuild";
import { dirname, relative, resolve } from "node:path";
import type { CodeParts } from "./code_parts.ts";
import { type Declarations, declarationsOf } from "./declarations.ts";
import { canonicalJson, sha256 } from "../base/json.ts";
import { markPureCalls } from "./pure_calls.ts";
import type { PackageLock } from "./package_lock.ts";
import { ConfigurationError, PipelineError } from "../base/errors.ts";

/** A code key, what stands behind it, and the local files that it was computed from. */
export interface CodeKey {
  readonly key: string;
  readonly parts: CodeParts;
  /** Paths relative to the pipeline's folder, sorted. */
  readonly files: readonly string[];
}

/**
 * Computes the code key of a module.
 *
 * @param folder The pipeline's folder.
 * @param module Path of the module relative to it.
 * @throws {PipelineError} if the module or one that it imports cannot be read or parsed.
 */
export async function computeCodeKey(
  folder: string,
  module: string,
  lock: PackageLock,
): Promise<CodeKey> {
  const files = new Set<string>();
  const modules: Record<string, Record<string, string>> = {};
  const bundles: Record<string, string> = {};
  const packages: Record<string, string> = {};
  const pending = [resolve(folder, module)];
  for (const entry of pending) {
    const bundle = await bundleModule(folder, entry, lock);
    bundles[await sha256(bundle.text)] = "";
    for (const file of bundle.files) files.add(relative(folder, file));
    for (const [path, declarations] of Object.entries(bundle.declarations)) {
      modules[path] = { ...modules[path], ...declarations };
    }
    for (const name of bundle.packages) Object.assign(packages, lock.closure(name));
    for (const referenced of bundle.referenced) {
      if (!pending.includes(referenced)) pending.push(referenced);
    }
  }
  const key = await sha256(canonicalJson({ bundles, packages }));
  const parts = { modules, packages: Object.keys(packages).sort() };
  return { key, parts, files: [...files].sort() };
}

interface Bundle {
  readonly text: string;
  readonly declarations: Readonly<Record<string, Declarations>>;
  readonly files: readonly string[];
  readonly packages: readonly string[];
  /** Files that the code names by `new URL("./x", import.meta.url)`, e.g. workers. */
  readonly referenced: readonly string[];
}

async function bundleModule(folder: string, entry: string, lock: PackageLock): Promise<Bundle> {
  const content = await readIfThere(entry);
  if (content === null || !/\.[jt]sx?$/.test(entry)) {
    const text = content ?? "";
    const declarations = { [relative(folder, entry)]: { "its content": await sha256(text) } };
    return { text, declarations, files: [entry], packages: [], referenced: [] };
  }
  const sources = new Map<string, string>();
  const options = bundleOptions(folder, entry, localFiles(folder, sources, lock));
  const result = await build(options).catch((cause) => {
    throw unreadable(folder, entry, cause);
  });
  const [output] = Object.values(result.metafile.outputs);
  const paths = Object.keys(result.metafile.inputs);
  const used = paths.map((path) => resolve(folder, path));
  const readable = result.outputFiles[0].text;
  const text = await minify(readable);
  return {
    text,
    declarations: declarationsOf(readable, paths),
    files: used,
    packages: output.imports.filter((item) => item.external).map((item) => item.path),
    referenced: referencedFiles(folder, text),
  };
}

/**
 * Minifies what is left after shaking. In one step with bundling, esbuild would choose names by the
 * letters of the whole files, so that even an unused export could change them.
 */
async function minify(bundle: string): Promise<string> {
  const { code } = await transform(bundle, {
    minify: true,
    format: "esm",
    target: "esnext",
    legalComments: "none",
  });
  return code;
}

/** What esbuild could not read or resolve, with its places. */
function unreadable(folder: string, entry: string, cause: BuildFailure | Error): PipelineError {
  const issues = ("errors" in cause ? cause.errors : []).flatMap(({ text, location }) => {
    if (!location) return [];
    const { file, line, column, length, lineText: source } = location;
    const path = relative(Deno.cwd(), resolve(folder, file));
    return [{ message: text, file: path, line, column: column + 1, length, source }];
  });
  return issues.length > 0
    ? new ConfigurationError(issues)
    : new PipelineError(`Cannot read the code of ${entry}: ${cause.message}`, { cause });
}

function bundleOptions(folder: string, entry: string, plugin: Plugin) {
  return {
    entryPoints: [entry],
    absWorkingDir: folder,
    bundle: true,
    write: false,
    metafile: true,
    treeShaking: true,
    format: "esm",
    target: "esnext",
    platform: "neutral",
    legalComments: "none",
    logLevel: "silent",
    tsconfigRaw: "{}",
    plugins: [plugin],
  } as const satisfies BuildOptions;
}

/**
 * Bundles local files and leaves out everything else. An import that binds names has no effect of
 * its own, so that shaking may drop it; a bare `import "package"` is there for its effect.
 */
function localFiles(folder: string, sources: Map<string, string>, lock: PackageLock): Plugin {
  return {
    name: "local-files",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return undefined;
        const local = lock.localFile(path);
        if (local !== null) return { path: local };
        const bare = new RegExp(`(^|[;\\n])\\s*import\\s*["']${escapeRegExp(path)}["']`);
        return { path, external: true, sideEffects: bare.test(sources.get(importer) ?? "") };
      });
      onLoad({ filter: /\.[jt]sx?$/ }, async ({ path }: OnLoadArgs) => {
        const source = await Deno.readTextFile(path);
        sources.set(path, source);
        const read = (specifier: string) => {
          const isPath = /^\.{0,2}\//.test(specifier);
          const file = isPath ? resolve(dirname(path), specifier) : lock.localFile(specifier);
          return file === null ? Promise.resolve(null) : readIfThere(file);
        };
        const contents = await markPureCalls(nameReferences(folder, path, source), read);
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
}

/** What a reference to a file becomes, so that it can be found in what shaking leaves. */
const REFERENCE_MARK = "referenced-file:";

function nameReferences(folder: string, path: string, source: string): string {
  const pattern = /new URL\(\s*["'](\.{1,2}\/[^"']+)["']\s*,\s*import\.meta\.url\s*,?\s*\)/g;
  return source.replace(pattern, (_, reference) => {
    const file = relative(folder, resolve(dirname(path), reference));
    return `new URL(${JSON.stringify(REFERENCE_MARK + file)}, import.meta.url)`;
  });
}

function referencedFiles(folder: string, bundle: string): string[] {
  const pattern = new RegExp(`["'\`]${REFERENCE_MARK}([^"'\`]+)["'\`]`, "g");
  return [...bundle.matchAll(pattern)].map(([, file]) => resolve(folder, file));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
