/**
 * Code keys: what a stage's results can depend on in its code. A key is the hash of the stage's
 * module graph as esbuild bundles, shakes and minifies it, with npm packages left out and their
 * locked versions hashed in their place. Comments, formatting, unrelated exports and the place of
 * the checkout change nothing; a function that the stage uses does.
 *
 * @module
 */
import { build, type OnLoadArgs, type Plugin } from "esbuild";
import { dirname, relative, resolve } from "node:path";
import { canonicalJson, sha256 } from "./json.ts";
import type { PackageLock } from "./package_lock.ts";
import { PipelineError } from "./errors.ts";

/** A code key, and the local files that it was computed from. */
export interface CodeKey {
  readonly key: string;
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
  const bundles: Record<string, string> = {};
  const packages: Record<string, string> = {};
  const pending = [resolve(folder, module)];
  for (const entry of pending) {
    const bundle = await bundleModule(entry);
    bundles[await sha256(bundle.text)] = "";
    for (const file of bundle.files) files.add(relative(folder, file));
    for (const name of bundle.packages) Object.assign(packages, lock.closure(name));
    for (const referenced of bundle.referenced) {
      if (!pending.includes(referenced)) pending.push(referenced);
    }
  }
  const key = await sha256(canonicalJson({ bundles, packages }));
  return { key, files: [...files].sort() };
}

interface Bundle {
  readonly text: string;
  readonly files: readonly string[];
  readonly packages: readonly string[];
  /** Files that the code names by `new URL("./x", import.meta.url)`, e.g. workers. */
  readonly referenced: readonly string[];
}

async function bundleModule(entry: string): Promise<Bundle> {
  const sources = new Map<string, string>();
  if (!/\.[jt]sx?$/.test(entry)) {
    const text = await Deno.readTextFile(entry);
    return { text, files: [entry], packages: [], referenced: [] };
  }
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: dirname(entry),
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    treeShaking: true,
    format: "esm",
    target: "esnext",
    platform: "neutral",
    logLevel: "silent",
    tsconfigRaw: "{}",
    plugins: [packagesExternal(sources)],
  }).catch((cause) => {
    throw new PipelineError(`Cannot read the code of ${entry}: ${cause.message}`, { cause });
  });
  const [output] = Object.values(result.metafile.outputs);
  const used = Object.keys(result.metafile.inputs).map((path) => resolve(dirname(entry), path));
  return {
    text: result.outputFiles[0].text,
    files: used,
    packages: output.imports.filter((item) => item.external).map((item) => item.path),
    referenced: used.flatMap((path) => referencedFiles(path, sources.get(path) ?? "")),
  };
}

/**
 * Leaves out everything that is not a local file. An import that binds names has no effect of its
 * own, so that shaking may drop it; a bare `import "package"` is there for its effect.
 */
function packagesExternal(sources: Map<string, string>): Plugin {
  return {
    name: "packages-external",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return undefined;
        const bare = new RegExp(`(^|[;\\n])\\s*import\\s*["']${escapeRegExp(path)}["']`);
        return { path, external: true, sideEffects: bare.test(sources.get(importer) ?? "") };
      });
      onLoad({ filter: /\.[jt]sx?$/ }, async ({ path }: OnLoadArgs) => {
        const contents = await Deno.readTextFile(path);
        sources.set(path, contents);
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
}

function referencedFiles(path: string, source: string): string[] {
  const pattern = /new URL\(\s*["'](\.{1,2}\/[^"']+)["']\s*,\s*import\.meta\.url\s*,?\s*\)/g;
  return [...source.matchAll(pattern)].map(([, reference]) => resolve(dirname(path), reference));
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
