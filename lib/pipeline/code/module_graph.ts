/**
 * The module graph as Deno resolves it: import maps with scopes, workspace members, `imports` of
 * package.json, links, redirects. Deno is asked rather than imitated, so that what a bundle holds is
 * what Deno would have loaded.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { PipelineError } from "../base/errors.ts";
import { statIfThere } from "../base/files.ts";

/** A module that Deno loads from a file or from a `data:` address. */
export interface SourceModule {
  readonly kind: "source";
  /** Its address, which identifies it. */
  readonly specifier: string;
  /** The file that holds its bytes; a cached copy for remote modules; `null` for `data:`. */
  readonly local: string | null;
  /** Deno's name for its language, e.g. "Mts"; `null` for text and bytes. */
  readonly mediaType: string | null;
}

/** Why a package that was installed by another program is refused. */
const UNPINNED =
  "its package lies in node_modules, and no lock file of Deno's says which one: let " +
  'Deno install packages (`"nodeModulesDir": "auto"` or "none" in deno.json)';

/** What an import stands for. */
export type Resolution =
  | SourceModule
  | { readonly kind: "npm"; readonly specifier: string; readonly id: string }
  | { readonly kind: "builtin"; readonly specifier: string }
  | { readonly kind: "missing"; readonly message: string };

interface InfoModule {
  readonly kind?: string;
  readonly specifier: string;
  readonly local?: string;
  readonly mediaType?: string;
  readonly error?: string;
  readonly npmPackage?: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string; readonly error?: string };
  }[];
}

interface Info {
  readonly modules: readonly InfoModule[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages?: Readonly<Record<string, InfoPackage>>;
}

interface InfoPackage {
  readonly name: string;
  /** Ids of the packages that it depends on. */
  readonly dependencies: readonly string[];
  readonly localPath?: string;
}

/** The modules that some roots reach. */
export class ModuleGraph {
  readonly #modules: ReadonlyMap<string, InfoModule>;
  readonly #redirects: Readonly<Record<string, string>>;
  readonly #packages: Readonly<Record<string, InfoPackage>>;
  readonly #root: string;

  private constructor({ modules, redirects, npmPackages = {} }: Info, root: string) {
    this.#packages = npmPackages;
    this.#modules = new Map(modules.map((module) => [module.specifier, module]));
    this.#redirects = redirects;
    this.#root = root;
  }

  /**
   * Asks Deno for the graph. Deno writes what its lock file lacks, as it does for `deno run`.
   *
   * @param folder The pipeline's folder, whose configuration holds.
   * @param roots Specifiers as an import in that folder would name them.
   * @throws {PipelineError} with what Deno says.
   */
  static async read(folder: string, roots: readonly string[]): Promise<ModuleGraph> {
    const root = rootOf(roots);
    return new ModuleGraph(JSON.parse(await runDeno(folder, ["info", "--json"], root)), root);
  }

  /** Has Deno fetch whatever roots need. */
  static async fetch(folder: string, roots: readonly string[]): Promise<void> {
    await runDeno(folder, ["cache", "--quiet", "--no-check"], rootOf(roots));
  }

  /** What `import.meta.resolve` of a name stands for in a module. */
  lookUp(referrer: string, specifier: string): Resolution {
    const resolution = this.resolve(referrer, specifier);
    return resolution.kind === "missing" ? this.resolve(this.#root, specifier) : resolution;
  }

  /** The module with an address, if Deno loads it. */
  source(specifier: string): SourceModule | null {
    const module = this.#module(specifier);
    return module.kind === "source" ? module : null;
  }

  /** The modules with addresses of their own that a module imports. */
  sourcesOf(referrer: string): SourceModule[] {
    const dependencies = this.#modules.get(referrer)?.dependencies ?? [];
    return dependencies.map(({ specifier }) => this.resolve(referrer, specifier))
      .filter((resolution) => resolution.kind === "source");
  }

  /** What an import in a module stands for. */
  resolve(referrer: string, specifier: string): Resolution {
    const dependency = this.#modules.get(referrer)?.dependencies
      ?.find((each) => each.specifier === specifier && each.code !== undefined)?.code;
    const target = dependency?.specifier;
    if (target === undefined) {
      const message = dependency?.error ?? `Deno does not know the import "${specifier}"`;
      return { kind: "missing", message };
    }
    return this.#module(this.#redirected(target));
  }

  /** Ids of the packages that modules import, at any depth. */
  packageIds(modules: readonly string[]): string[] {
    const reached = new Set(modules);
    const ids = new Set<string>();
    for (const module of reached) {
      for (const { specifier } of this.#modules.get(module)?.dependencies ?? []) {
        const resolution = this.resolve(module, specifier);
        if (resolution.kind === "source") reached.add(resolution.specifier);
        if (resolution.kind === "npm") ids.add(resolution.id);
      }
    }
    return [...ids];
  }

  /**
   * The folders of a package and of all that it depends on, by name.
   *
   * @returns `null` if Deno keeps one elsewhere, or two versions of one.
   */
  packageFolders(id: string): Map<string, string> | null {
    const ids = new Set([id]);
    const folders = new Map<string, string>();
    for (const each of ids) {
      const { name, dependencies, localPath } = this.#packages[each] ?? {};
      if (name === undefined || localPath === undefined || folders.has(name)) return null;
      folders.set(name, localPath);
      for (const dependency of dependencies ?? []) ids.add(dependency);
    }
    return folders;
  }

  /** Every module that has an address of its own: what Deno would load. */
  get sources(): SourceModule[] {
    return [...this.#modules.keys()]
      .filter((specifier) => specifier !== this.#root)
      .map((specifier) => this.#module(specifier))
      .filter((module) => module.kind === "source");
  }

  #redirected(specifier: string): string {
    for (let at = specifier, steps = 0;; steps++) {
      const next = this.#redirects[at];
      if (next === undefined || steps > 20) return at;
      at = next;
    }
  }

  #module(specifier: string): Resolution {
    const module = this.#modules.get(specifier);
    if (specifier.startsWith("node:")) return { kind: "builtin", specifier };
    if (!module) return { kind: "missing", message: `Module not found "${specifier}"` };
    if (module.error !== undefined) return unread(specifier, module.error);
    if (module.kind === "npm") return npmPackage(specifier, module.npmPackage);
    if (module.kind === "node") return { kind: "builtin", specifier };
    if (specifier.includes("/node_modules/")) return { kind: "missing", message: UNPINNED };
    const { local = null } = module;
    const mediaType = module.kind === "wasm" ? "Wasm" : module.mediaType ?? null;
    return { kind: "source", specifier, local, mediaType };
  }
}

function npmPackage(specifier: string, id: string | undefined): Resolution {
  if (id !== undefined) return { kind: "npm", specifier, id };
  const message = "Deno cannot say which version it stands for: the lock file lacks it, and the " +
    "packages that it holds beside it cannot be fetched";
  return { kind: "missing", message };
}

/** A module that imports roots. */
function rootOf(roots: readonly string[]): string {
  const imports = roots.map((root) => `import ${JSON.stringify(root)};`).join("");
  return `data:application/javascript,${encodeURIComponent(imports)}`;
}

/** What a command of Deno's prints, with the configuration of a folder. */
async function runDeno(folder: string, command: readonly string[], root: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // As for the engine itself, code may come from anywhere.
    args: [...command, "--allow-import", root],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (success) return text(stdout);
  throw new PipelineError(`Cannot resolve the imports of ${folder}: ${text(stderr).trim()}`);
}

/** What Deno cannot parse is there all the same: the bundler says where it is wrong. */
function unread(specifier: string, error: string): Resolution {
  const missing = { kind: "missing", message: error.split("\n", 1)[0] } as const;
  if (!specifier.startsWith("file:")) return missing;
  const local = fileURLToPath(specifier);
  if (!statIfThere(local)?.isFile) return missing;
  const mediaType = /\.[cm]?tsx?$/.test(local) ? "TypeScript" : "JavaScript";
  return { kind: "source", specifier, local, mediaType: /x$/.test(local) ? "TSX" : mediaType };
}
