/**
 * The locked versions of npm packages, from deno.json's import map and deno.lock.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

interface LockFile {
  readonly specifiers?: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, { integrity?: string; dependencies?: string[] }>>;
}

/** Looks up what a package specifier stands for, with everything that it depends on. */
export class PackageLock {
  /** The folder of deno.json, or `null` if there is none. */
  readonly folder: string | null;
  /** The texts that the look-ups depend on. */
  readonly text: string;
  readonly #imports: Readonly<Record<string, string>>;
  readonly #lock: LockFile;

  private constructor(folder: string | null, config: string, lock: string) {
    this.folder = folder;
    this.text = `${config}\n${lock}`;
    this.#imports = JSON.parse(config).imports ?? {};
    this.#lock = JSON.parse(lock);
  }

  /** Finds deno.json and deno.lock in a folder or the nearest one above it. */
  static find(folder: string): PackageLock {
    for (let at = folder;; at = dirname(at)) {
      const config = readIfThere(join(at, "deno.json"));
      if (config !== null) {
        return new PackageLock(at, config, readIfThere(join(at, "deno.lock")) ?? "{}");
      }
      if (dirname(at) === at) return new PackageLock(null, "{}", "{}");
    }
  }

  /** Path of deno.json, or `null`. */
  get configPath(): string | null {
    return this.folder === null ? null : join(this.folder, "deno.json");
  }

  /**
   * The packages behind an import, transitively: name and version to integrity. What the lock
   * file does not know stands for itself, so that a change of its specifier counts.
   */
  closure(specifier: string): Record<string, string> {
    const packages: Record<string, string> = {};
    const request = this.#request(specifier);
    if (request === null) return packages;
    const pending = [this.#locked(request) ?? request];
    for (const id of pending) {
      if (id in packages) continue;
      const entry = this.#lock.npm?.[id];
      packages[id] = entry?.integrity ?? "";
      for (const dependency of entry?.dependencies ?? []) pending.push(this.#idOf(dependency));
    }
    return packages;
  }

  /** The local file that an import names by an address or by the import map; `null` for others. */
  localFile(specifier: string): string | null {
    if (specifier.startsWith("file:")) return fileURLToPath(specifier);
    const prefix = this.#mapped(specifier);
    const target = prefix === undefined ? "" : this.#imports[prefix];
    if (this.folder === null || !/^\.{0,2}\//.test(target)) return null;
    return resolve(this.folder, `${target}${specifier.slice(prefix!.length)}`);
  }

  /** The key of the import map that a specifier falls under: the longest that fits. */
  #mapped(specifier: string): string | undefined {
    return Object.keys(this.#imports)
      .filter((key) => key === specifier || (key.endsWith("/") && specifier.startsWith(key)))
      .sort((a, b) => b.length - a.length)[0];
  }

  /** The npm request that an import stands for, e.g. `npm:zod@4.6.7`; `null` for built-in modules. */
  #request(specifier: string): string | null {
    if (specifier.startsWith("node:")) return null;
    const prefix = this.#mapped(specifier);
    const target = prefix === undefined ? specifier : this.#imports[prefix];
    const name = /^npm:\/?((?:@[^/]+\/)?[^/]+)/.exec(target);
    return name ? `npm:${name[1]}` : target;
  }

  #locked(request: string): string | null {
    const version = this.#lock.specifiers?.[request];
    const name = /^npm:((?:@[^/]+\/)?[^@/]+)/.exec(request)?.[1];
    return version === undefined || name === undefined ? null : `${name}@${version}`;
  }

  /** The key of a dependency, which stands without its version where only one is locked. */
  #idOf(dependency: string): string {
    const npm = this.#lock.npm ?? {};
    if (dependency in npm) return dependency;
    return Object.keys(npm).find((id) => id.startsWith(`${dependency}@`)) ?? dependency;
  }
}

function readIfThere(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause;
  }
}
