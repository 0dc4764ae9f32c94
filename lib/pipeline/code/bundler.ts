/**
 * Bundles modules with esbuild, which bundles, shakes and prints them; what an import stands for is
 * Deno's to say. npm packages stay outside, by their locked versions.
 *
 * @module
 */
import {
  build,
  type BuildFailure,
  type BuildResult,
  type Loader,
  type Metafile,
  type OnLoadArgs,
  type OnLoadResult,
  type OnResolveArgs,
  type OnResolveResult,
  type PartialMessage,
  type Plugin,
} from "esbuild";
import { builtinModules } from "node:module";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ConfigurationError, PipelineError } from "../base/errors.ts";
import { type Declarations, declarationsOf } from "./declarations.ts";
import { applyEdits, type MappedText, unedited } from "./edits.ts";
import type { ModuleGraph, SourceModule } from "./module_graph.ts";
import { PackageSources } from "./package_sources.ts";
import { NO_SIDE_EFFECTS, pureCallEdits, pureExports } from "./pure_calls.ts";
import { markOf, metaEdits } from "./references.ts";
import { languageOf, type Sources } from "./sources.ts";
import { Mistake } from "./syntax.ts";

/** A module that is bundled for itself. */
export interface Entry {
  /** Its address. */
  readonly specifier: string;
  /** Whether it is started as a program of its own, as workers are. */
  readonly isMain: boolean;
}

/** A bundled module. */
export interface Bundle extends MappedText {
  /** What its modules are called in its text. */
  readonly inputs: ReadonlySet<string>;
  /** Digests of what shaking left, by module and declaration. */
  readonly declarations: Readonly<Record<string, Declarations>>;
  /** The files that were read for it. */
  readonly files: readonly string[];
}

/** How imports are written in bundles: `npm:NAME@VERSION/PATH`, with the locked package's id. */
export type PackageIds = Map<string, string>;

/** Settings of deno.json that say how programs are translated. */
export interface CompilerOptions {
  readonly [name: string]: unknown;
}

/** Bundles entries of one graph. */
export class Bundler {
  /** The locked packages behind the imports that bundles may hold. */
  readonly packageIds: PackageIds = new Map();
  readonly #folder: string;
  readonly #graph: ModuleGraph;
  readonly #sources: Sources;
  readonly #compilerOptions: CompilerOptions;

  /** @param folder The pipeline's folder, to which paths in messages are relative. */
  constructor(
    folder: string,
    graph: ModuleGraph,
    sources: Sources,
    compilerOptions: CompilerOptions,
  ) {
    this.#folder = folder;
    this.#graph = graph;
    this.#sources = sources;
    this.#compilerOptions = compilerOptions;
  }

  /**
   * Bundles entries, each for itself.
   *
   * @param packages Where npm packages are taken from that are to be part of the bundles.
   * @returns Bundles in the entries' order.
   * @throws {ConfigurationError} with the places that cannot be parsed or resolved.
   */
  async bundle(
    entries: readonly Entry[],
    packages: PackageSources | null = null,
  ): Promise<Bundle[]> {
    const bundles = await this.#build(entries, packages, NOTHING);
    return await Promise.all(
      bundles.map((bundle, i) => this.#withLazyModules(entries[i], bundle, packages)),
    );
  }

  /**
   * Takes in the modules that are imported dynamically where shaking leaves the import. esbuild by
   * itself would take all of them, and what these import would look different for it.
   */
  async #withLazyModules(
    entry: Entry,
    bundle: Bundle,
    packages: PackageSources | null,
  ): Promise<Bundle> {
    const lazy = new Set<string>();
    for (let at = bundle;;) {
      const before = lazy.size;
      for (const address of lazyImportsIn(at.text)) lazy.add(address);
      if (lazy.size === before) return at;
      [at] = await this.#build([entry], packages, lazy);
    }
  }

  /** @param lazy Modules to take in that are imported dynamically. */
  async #build(
    entries: readonly Entry[],
    packages: PackageSources | null,
    lazy: ReadonlySet<string>,
  ): Promise<Bundle[]> {
    if (entries.length === 0) return [];
    const result = await build({
      entryPoints: entries.map(({ specifier, isMain }, i) => ({
        in: `${isMain ? MAIN : SOURCE}:${specifier}`,
        out: String(i),
      })),
      outdir: OUTPUT,
      absWorkingDir: this.#folder,
      bundle: true,
      write: false,
      metafile: true,
      treeShaking: true,
      format: "esm",
      target: "esnext",
      supported: { decorators: false },
      platform: "neutral",
      legalComments: "none",
      logLevel: "silent",
      sourcemap: "external",
      sourcesContent: false,
      tsconfigRaw: { compilerOptions: this.#compilerOptions },
      // What Deno takes of a package.
      preserveSymlinks: true,
      conditions: ["deno", "node", "import"],
      mainFields: ["module", "main"],
      plugins: [this.#plugin(packages, lazy)],
    }).catch((cause) => {
      throw unreadable(this.#folder, cause);
    });
    return entries.map((_, i) => this.#bundleOf(result, i));
  }

  #bundleOf({ outputFiles, metafile }: BuildResult<{ write: false; metafile: true }>, i: number) {
    const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(`/${i}.${end}`))!;
    const { text } = textOf("js");
    const map = JSON.parse(textOf("js.map").text);
    const [, output] = Object.entries(metafile.outputs).find(([path]) =>
      path.endsWith(`/${i}.js`)
    )!;
    const reached = reachable(metafile, output.entryPoint!);
    return {
      text,
      map: { ...map, sources: map.sources.map(addressOf) },
      inputs: new Set(reached),
      declarations: this.#named(declarationsOf(text, Object.keys(output.inputs).filter(isModule))),
      files: reached.filter(isModule).flatMap((input) =>
        this.#fileOf(withoutNamespace(input)) ?? []
      ),
    };
  }

  #named(declarations: Record<string, Declarations>): Record<string, Declarations> {
    return Object.fromEntries(
      Object.entries(declarations).map(([input, parts]) => {
        const specifier = withoutNamespace(input);
        const isFile = specifier.startsWith("file:");
        return [isFile ? relative(this.#folder, fileURLToPath(specifier)) : specifier, parts];
      }),
    );
  }

  #fileOf(specifier: string): string | null {
    return this.#graph.source(specifier)?.local ?? null;
  }

  #plugin(packages: PackageSources | null, lazy: ReadonlySet<string>): Plugin {
    return {
      name: "deno",
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: new RegExp(`^(?:${SOURCE}|${MAIN}):`) }, ({ path, kind }) => {
          const [, namespace, specifier] = /^([^:]*):(.*)$/s.exec(path)!;
          return kind === "entry-point" ? { path: specifier, namespace } : undefined;
        });
        for (const namespace of [SOURCE, MAIN]) {
          onResolve({ filter: /.*/, namespace }, (args) => this.#resolve(args, packages, lazy));
        }
        // Every call costs a message: of imports in packages only those that esbuild does not know.
        onResolve({ filter: BUILTIN, namespace: "file" }, ({ path }) => ({
          path: path.startsWith("node:") ? path : `node:${path}`,
          external: true,
        }));
        onLoad({ filter: /.*/, namespace: MAIN }, (args) => this.#loadCode(args, packages, true));
        onLoad(
          { filter: /.*/, namespace: SOURCE },
          (args) => this.#loadCode(args, packages, false),
        );
        for (const loader of ["json", "text", "binary"] as const) {
          onLoad({ filter: /.*/, namespace: loader }, (args) => this.#loadData(args, loader));
        }
      },
    };
  }

  #resolve(
    { path, importer, kind, with: attributes }: OnResolveArgs,
    packages: PackageSources | null,
    lazy: ReadonlySet<string>,
  ): OnResolveResult | undefined {
    const resolution = this.#graph.resolve(importer, path);
    switch (resolution.kind) {
      case "missing":
        return { errors: [{ text: unresolved(path, resolution.message) }] };
      case "builtin":
        return { path: resolution.specifier, external: true, sideEffects: false };
      case "npm":
        // esbuild itself finds what goes by its own name.
        if (path === pathIn(resolution.specifier) && packages?.link(resolution.id)) {
          return undefined;
        }
        return this.#package(resolution, importer, path, kind);
      case "source":
        if (resolution.mediaType === "Wasm") {
          return { path: markOf(resolution.specifier), external: true };
        }
        if (kind === "dynamic-import" && !lazy.has(resolution.specifier)) {
          return { path: LAZY + resolution.specifier, external: true };
        }
        return { path: resolution.specifier, namespace: namespaceOf(resolution, attributes.type) };
    }
  }

  /**
   * An import that binds names has no effect of its own, so that shaking may drop it; a bare
   * `import "package"` is there for its effect.
   */
  #package(
    { specifier, id }: { specifier: string; id: string },
    importer: string,
    path: string,
    kind: string,
  ): OnResolveResult {
    if (kind === "require-call") {
      const text = `Cannot require the npm package "${path}" in a bundle: import it`;
      return { errors: [{ text }] };
    }
    const name = this.#packageName(specifier, id);
    return { path: name, external: true, sideEffects: this.#isBareImport(importer, path) };
  }

  #packageName(specifier: string, id: string): string {
    const name = specifier.replace(/^npm:\/?/, "npm:");
    this.packageIds.set(name, id);
    return name;
  }

  #isBareImport(importer: string, path: string): boolean {
    const module = this.#graph.source(importer);
    if (!module || !/import\s*["']/.test(this.#sources.text(module))) return false;
    return this.#sources.syntax(module).program.body.some((node) =>
      node.type === "ImportDeclaration" && node.specifiers.length === 0 &&
      node.source.value === path
    );
  }

  #loadCode(
    { path }: OnLoadArgs,
    packages: PackageSources | null,
    isMain: boolean,
  ): OnLoadResult {
    const module = this.#graph.source(path)!;
    const text = this.#sources.text(module);
    const loader: Loader = languageOf(module) ?? "js";
    try {
      const resolveDir = packages?.folder;
      return { ...this.#prepared(module, text, loader, isMain), resolveDir };
    } catch (error) {
      if (error instanceof Mistake) return { errors: [mistakeIn(path, text, error)] };
      throw error;
    }
  }

  #prepared(module: SourceModule, text: string, loader: Loader, isMain: boolean): OnLoadResult {
    const edits = [
      ...text.includes("import.meta") ? this.#metaEdits(module, isMain) : [],
      ...this.#pureCallEdits(module, text),
    ];
    if (edits.length === 0) return { contents: text, loader };
    const edited = applyEdits(unedited(text, module.specifier), edits);
    const map = new TextEncoder().encode(JSON.stringify(edited.map)).toBase64();
    return { contents: `${edited.text}\n//# sourceMappingURL=data:;base64,${map}\n`, loader };
  }

  #metaEdits(module: SourceModule, isMain: boolean) {
    const { specifier } = module;
    return metaEdits(specifier, this.#sources.syntax(module), isMain, (name) => {
      const found = this.#graph.lookUp(specifier, name);
      if (found.kind === "npm") return { name: this.#packageName(found.specifier, found.id) };
      return found.kind === "source" ? { file: found.specifier } : null;
    });
  }

  #pureCallEdits(module: SourceModule, text: string) {
    if (!/\bimport\b/.test(text)) return [];
    const pure = new Set<string>();
    for (const imported of this.#graph.sourcesOf(module.specifier)) {
      if (languageOf(imported) && this.#sources.text(imported).includes(NO_SIDE_EFFECTS)) {
        pure.add(imported.specifier);
      }
    }
    if (pure.size === 0) return [];
    return pureCallEdits(this.#sources.syntax(module), (name) => {
      const target = this.#graph.resolve(module.specifier, name);
      if (target.kind !== "source" || !pure.has(target.specifier)) return new Set();
      return pureExports(this.#sources.text(target), this.#sources.syntax(target));
    });
  }

  #loadData({ path }: OnLoadArgs, loader: Loader): OnLoadResult {
    return { contents: this.#sources.content(this.#graph.source(path)!), loader };
  }
}

/** What starts the name of a module in a dynamic import that is not taken in. */
const LAZY = "dynamic-import:";
const NOTHING: ReadonlySet<string> = new Set();

/** The modules that a bundle imports dynamically and does not hold. */
function lazyImportsIn(text: string): string[] {
  const names = text.matchAll(/import\("dynamic-import:([^"]+)"/g);
  return [...names].map(([, address]) => address);
}

/** Where outputs would be written, if they were. */
const OUTPUT = "/bundles";
/** esbuild's namespaces for code: modules that are imported, and those that are started. */
const SOURCE = "source";
const MAIN = "main";

function namespaceOf(module: SourceModule, type: string | undefined): string {
  if (type === "text") return "text";
  if (type === "bytes") return "binary";
  return type === "json" || module.mediaType === "Json" ? "json" : SOURCE;
}

/** The address of a source in a source map; esbuild writes those of edited files as paths. */
function addressOf(source: string): string {
  return new URL(withoutNamespace(source), pathToFileURL(`${OUTPUT}/`)).href;
}

/** Whether an input is a module of Deno's graph, and not a file of a package. */
function isModule(input: string): boolean {
  return withoutNamespace(input) !== input;
}

function withoutNamespace(path: string): string {
  return path.replace(/^(?:source|main|json|text|binary):/, "");
}

function mistakeIn(path: string, text: string, { message, offset }: Mistake): PartialMessage {
  const before = text.slice(0, offset).split("\n");
  const [line, column] = [before.length, before.at(-1)!.length];
  const lineText = text.split("\n")[line - 1];
  return { text: message, location: { file: path, line, column, lineText } };
}

/** Names of modules that are built in. */
const BUILTIN = new RegExp(`^(?:node:.*|${builtinModules.join("|")})$`);

/** `NAME/PATH` of `npm:/NAME@VERSION/PATH`. */
function pathIn(specifier: string): string {
  const [, name, path] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)(?:@[^/]+)?(.*)$/.exec(specifier)!;
  return `${name}${path}`;
}

function unresolved(path: string, message: string): string {
  const reason = message.startsWith("Module not found") ? "" : `: ${message}`;
  return `Could not resolve "${path}"${reason}`;
}

/** The inputs that an entry imports, at any depth, used or not. */
function reachable({ inputs }: Metafile, entry: string): string[] {
  const found = new Set([entry]);
  for (const input of found) {
    for (const { path, external } of inputs[input].imports) if (!external) found.add(path);
  }
  return [...found];
}

/** What esbuild could not read or resolve, with its places. */
function unreadable(folder: string, cause: BuildFailure | Error): PipelineError {
  const issues = ("errors" in cause ? cause.errors : []).flatMap(({ text, location }) => {
    if (!location) return [];
    const { file, line, column, length, lineText: source } = location;
    const specifier = withoutNamespace(file);
    const path = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
    const shown = relative(Deno.cwd(), path);
    return [{ message: text, file: shown, line, column: column + 1, length, source }];
  });
  return issues.length > 0
    ? new ConfigurationError(issues)
    : new PipelineError(`Cannot read the code in ${folder}: ${cause.message}`, { cause });
}
