/**
 * Makes code bundles of modules: Deno resolves, esbuild bundles and shakes, private names become
 * canonical, and what the code refers to is laid beside it.
 *
 * @module
 */
import { basename, dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { PipelineError } from "../base/errors.ts";
import { type Bundle, Bundler, type Entry } from "./bundler.ts";
import { canonicalise } from "./canonical.ts";
import { type CodeBundle, ENTRY, keyOf, LOCK, MAIN, mainOf, type Runtime } from "./code_bundle.ts";
import { type Configuration, configurationFiles, readConfiguration } from "./configuration.ts";
import type { Declarations } from "./declarations.ts";
import { ModuleGraph, type SourceModule } from "./module_graph.ts";
import { lockedPart, type LockFile, NO_PACKAGES, parseLockFile } from "./package_lock.ts";
import { PackageSources } from "./package_sources.ts";
import { addressesIn, markedAddress, type MetaUses, metaUses } from "./references.ts";
import { languageOf, Sources } from "./sources.ts";
import { Mistake } from "./syntax.ts";

/** What is to be bundled. */
export interface Wanted {
  /** Addresses of stages' modules. */
  readonly stages: readonly string[];
  /** The engine's side of a stage's process; its address, if it is to be bundled as well. */
  readonly runtime: string | Runtime;
  /** Addresses of further programs of the engine. */
  readonly programs: readonly string[];
}

/** Bundles, each in the order of what was wanted. */
export interface Bundled {
  readonly stages: readonly CodeBundle[];
  /** `null` if it was there already. */
  readonly runtime: CodeBundle | null;
  readonly programs: readonly CodeBundle[];
  /** Digests of the files on which it depends what imports stand for, by absolute path. */
  readonly configuration: Readonly<Record<string, string>>;
}

/**
 * Bundles stages and the programs that run them.
 *
 * @param folder The pipeline's folder.
 * @throws {ConfigurationError} with the places that cannot be parsed or resolved.
 */
export async function bundleCode(folder: string, wanted: Wanted): Promise<Bundled> {
  const { stages, runtime, programs } = wanted;
  const engine = typeof runtime === "string" ? [runtime] : [];
  const modules = [...stages, ...engine, ...programs];
  const sources = new Sources();
  // Digested first: what is edited meanwhile then differs from what is remembered.
  for (const path of configurationFiles(folder, modules)) sources.digest(path);
  const configuration = readConfiguration(folder);
  const graph = await completeGraph(folder, modules, sources);
  const bundler = new Bundler(folder, graph, sources, configuration.compilerOptions);
  const bundles = new Bundles(bundler, graph);
  await bundles.add([...stages, ...programs].map(entryOf));
  // Packages that are part of the runtime load in a tenth of the time.
  using packages = await PackageSources.open(folder, graph, engine);
  await bundles.add(engine.map(entryOf), packages);
  // Deno has written what the lock file lacked.
  const lock = readLock(configuration, sources);
  const assembly = { folder, bundles, sources, lock, configuration, ids: bundler.packageIds };
  const [bundled = null] = engine.map((module) => assemble(assembly, module, [...packages.taken]));
  const started = typeof runtime === "string" ? bundled! : runtime;
  return {
    stages: stages.map((module) => assemble(assembly, module, [], started)),
    runtime: bundled,
    programs: programs.map((module) => assemble(assembly, module, [])),
    configuration: digestConfiguration(folder, modules, graph, configuration, sources),
  };
}

function digestConfiguration(
  folder: string,
  modules: readonly string[],
  graph: ModuleGraph,
  { files, lock }: Configuration,
  sources: Sources,
): Record<string, string> {
  const addresses = [...modules, ...graph.sources.map(({ specifier }) => specifier)];
  const paths = [
    ...configurationFiles(folder, addresses),
    ...files,
    ...lock === null ? [] : [lock],
  ];
  return Object.fromEntries(paths.map((path) => [path, sources.digest(path)]));
}

/** The graph of modules and of all that they may refer to, whether shaking leaves it or not. */
async function completeGraph(
  folder: string,
  modules: readonly string[],
  sources: Sources,
): Promise<ModuleGraph> {
  const roots = new Set(modules);
  for (;;) {
    const graph = await ModuleGraph.read(folder, [...roots]);
    const before = roots.size;
    for (const module of graph.sources) {
      const { files, lookUps } = usesOf(module, sources);
      const code = files.map(withoutQuery).filter(isCode);
      for (const specifier of [...code, ...lookUps]) roots.add(specifier);
    }
    if (roots.size === before) return graph;
  }
}

function usesOf(module: SourceModule, sources: Sources): MetaUses {
  const isUser = languageOf(module) !== null && sources.text(module).includes("import.meta");
  try {
    if (isUser) return metaUses(module.specifier, sources.syntax(module));
  } catch (error) {
    // The bundler says where the mistake is.
    if (!(error instanceof Mistake)) throw error;
  }
  return { files: [], lookUps: [] };
}

function isCode(address: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(new URL(address).pathname);
}

function readLock({ lock }: Configuration, sources: Sources): LockFile {
  const bytes = lock === null ? null : sources.bytes(lock);
  if (bytes === null) return NO_PACKAGES;
  return parseLockFile(lock!, new TextDecoder().decode(bytes));
}

/** Bundles of modules, and of the workers that they start. */
class Bundles {
  readonly #bundler: Bundler;
  readonly #graph: ModuleGraph;
  readonly #bundles = new Map<string, Bundle>();

  constructor(bundler: Bundler, graph: ModuleGraph) {
    this.#bundler = bundler;
    this.#graph = graph;
  }

  /** Bundles entries and all workers that shaking leaves. */
  async add(entries: readonly Entry[], packages: PackageSources | null = null): Promise<void> {
    const bundles = await this.#bundler.bundle(entries, packages);
    entries.forEach((entry, i) => this.#bundles.set(nameOf(entry), bundles[i]));
    const workers = bundles.flatMap(({ text }) => addressesIn(text)).filter((address) =>
      isCode(address) && this.#graph.source(withoutQuery(address)) !== null
    ).map((address) => ({ specifier: withoutQuery(address), isMain: true }));
    const unknown = new Map(workers.map((each) => [nameOf(each), each]));
    for (const name of this.#bundles.keys()) unknown.delete(name);
    if (unknown.size > 0) await this.add([...unknown.values()]);
  }

  /** The bundle of a module; `null` if there is none, as it is data or not there. */
  get(specifier: string, isMain: boolean): Bundle | null {
    return this.#bundles.get(nameOf({ specifier, isMain })) ?? null;
  }
}

function entryOf(specifier: string): Entry {
  return { specifier, isMain: false };
}

function nameOf({ specifier, isMain }: Entry): string {
  return `${isMain} ${specifier}`;
}

function withoutQuery(address: string): string {
  return address.replace(/[?#].*$/s, "");
}

/** What bundles are assembled from. */
interface Assembly {
  readonly folder: string;
  readonly bundles: Bundles;
  readonly sources: Sources;
  readonly lock: LockFile;
  readonly configuration: Configuration;
  /** Locked packages by the imports that bundles hold. */
  readonly ids: ReadonlyMap<string, string>;
}

/**
 * @param taken Ids of packages that are part of the bundle.
 * @param runtime What starts the module, if that is a stage.
 */
function assemble(
  assembly: Assembly,
  module: string,
  taken: readonly string[],
  runtime: Runtime | null = null,
): CodeBundle {
  const { folder, sources, lock, configuration: { unstable } } = assembly;
  const packages = new Set(runtime?.packages);
  const parts = new Parts(folder, sources);
  const files = new Map<string, string | Uint8Array>();
  const places = new Places(assembly.bundles);
  const entry = { address: module, path: ENTRY, bundle: assembly.bundles.get(module, false)! };
  for (const { address, path, bundle } of places.from(entry)) {
    if (!bundle) {
      const content = parts.addFile(fileURLToPath(address));
      if (content !== null) files.set(path, content);
      continue;
    }
    parts.addBundle(bundle);
    const { text, map } = canonicalise(bundle, (literal) => {
      const id = assembly.ids.get(literal);
      if (id !== undefined) packages.add(id);
      return bundle.inputs.has(literal) ? "" : places.pathTo(path, literal);
    });
    files.set(path, `${text}//# sourceMappingURL=${basename(path)}.map\n`);
    files.set(`${path}.map`, JSON.stringify(map));
  }
  if (runtime) files.set(MAIN, mainOf(runtime.key));
  const locked = lockedPart(lock, packages);
  files.set(LOCK, `${JSON.stringify(locked)}\n`);
  files.set("deno.json", `${JSON.stringify({ unstable })}\n`);
  const { modules, digests } = parts;
  const inside = Object.keys(lockedPart(lock, taken).npm);
  const all = new Set([...Object.keys(locked.npm), ...inside, ...runtime?.parts.packages ?? []]);
  return {
    key: keyOf(files),
    files,
    packages: [...packages],
    parts: { modules, packages: [...all].sort(), runtime: runtime?.key ?? null },
    sources: digests,
  };
}

/** A file of a bundle. */
interface Placed {
  readonly address: string;
  readonly path: string;
  /** `null` for data. */
  readonly bundle: Bundle | null;
}

/** Where in a bundle's folder the files lie that its modules refer to: numbered as they occur. */
class Places {
  readonly #bundles: Bundles;
  readonly #placed = new Map<string, Placed>();

  constructor(bundles: Bundles) {
    this.#bundles = bundles;
  }

  /** A file, and every one that is referred to while files are visited. */
  *from(entry: Placed): Generator<Placed> {
    yield entry;
    yield* this.#placed.values();
  }

  /** The path from one file to what a string stands for; `null` if it stands for no file. */
  pathTo(from: string, literal: string): string | null {
    const target = markedAddress(literal);
    if (target === null) return null;
    const address = withoutQuery(target);
    const query = target.slice(address.length);
    return `./${relative(dirname(from), this.#place(address).path)}${query}`;
  }

  #place(address: string): Placed {
    let placed = this.#placed.get(address);
    if (!placed) {
      const bundle = this.#bundles.get(address, true);
      const name = basename(new URL(address).pathname);
      const path = `${this.#placed.size + 1}/${bundle ? name.replace(/\.[^.]*$/, ".js") : name}`;
      this.#placed.set(address, placed = { address, path, bundle });
    }
    return placed;
  }
}

/** What stands behind a bundle. */
class Parts {
  readonly modules: Record<string, Declarations> = {};
  readonly digests: Record<string, string> = {};
  readonly #folder: string;
  readonly #sources: Sources;

  constructor(folder: string, sources: Sources) {
    this.#folder = folder;
    this.#sources = sources;
  }

  addBundle({ declarations, files }: Bundle): void {
    for (const [name, parts] of Object.entries(declarations)) {
      this.modules[name] = { ...this.modules[name], ...parts };
    }
    for (const file of files) this.digests[file] = this.#sources.digest(file);
  }

  /** @returns The file's content, or `null` if it is not there. */
  addFile(path: string): Uint8Array | null {
    try {
      this.digests[path] = this.#sources.digest(path);
    } catch (cause) {
      throw new PipelineError(
        `Cannot take ${path} into a stage's code: ${(cause as Error).message}; name the files ` +
          "that are read, one by one",
        { cause },
      );
    }
    this.modules[relative(this.#folder, path)] = { "its content": this.digests[path] };
    return this.#sources.bytes(path);
  }
}
