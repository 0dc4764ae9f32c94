/**
 * Remembers code keys by the contents of the files that they were computed from, so that a run in
 * which no code changed bundles nothing.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PipelineError } from "../base/errors.ts";
import { readJsonIfWhole, statIfThere, writeJson } from "../base/files.ts";
import { sha256 } from "../base/json.ts";
import type { CodeBundle } from "./code_bundle.ts";
import type { CodeParts } from "./code_parts.ts";

/** Part of every memory, so that another engine version reads none of an older one. */
const FORMAT = `1 ${Deno.version.deno}`;

/** The file that the memory is kept in. */
const MEMORY = "code.json";

/** Digests of files by path, in memory relative to the pipeline's folder; empty if not there. */
type Digests = Readonly<Record<string, string>>;

interface Memory {
  readonly format: string;
  /** Files on which it depends what imports stand for. */
  readonly configuration: Digests;
  /** By stage module, relative to the pipeline's folder, and by the engine's programs. */
  readonly modules: Readonly<Record<string, MemoEntry>>;
}

interface MemoEntry {
  readonly key: string;
  readonly files: Digests;
}

/** What runs beside stages' modules: the engine's own side of their processes. */
const PROGRAMS = {
  runtime: import.meta.resolve("../stage/worker.ts"),
  inspector: import.meta.resolve("../plan/inspector_child.ts"),
} as const;

/** A program of the engine. */
export type Program = keyof typeof PROGRAMS;

/** What stands behind a code key, if it was computed with this store. */
export function readCodeParts(store: { path(...parts: string[]): string }, key: string) {
  return readJsonIfWhole<CodeParts>(store.path("stages", `${key}.code.json`));
}

/** The code keys that are remembered: those of modules and programs as they were last seen. */
export function rememberedKeys(memoFolder: string): string[] {
  const memory = readJsonIfWhole<Memory>(join(memoFolder, MEMORY));
  return Object.values(memory?.modules ?? {}).map(({ key }) => key);
}

/** Code keys of the modules of one pipeline folder. */
export class CodeMemo {
  readonly #folder: string;
  readonly #memoFolder: string;
  readonly #path: string;
  readonly #digests = new Map<string, Promise<string>>();
  readonly #checked = new Map<string, Promise<string[]>>();
  #memory: Memory;
  #changed = false;

  /**
   * @param folder The pipeline's folder.
   * @param memoFolder Where the memory and the bundles are kept.
   */
  constructor(folder: string, memoFolder: string) {
    this.#folder = folder;
    this.#memoFolder = memoFolder;
    this.#path = join(memoFolder, MEMORY);
    const memory = readJsonIfWhole<Memory>(this.#path);
    const none = { format: FORMAT, configuration: {}, modules: {} };
    this.#memory = memory?.format === FORMAT ? memory : none;
  }

  /**
   * The code keys of modules, from memory where none of their files changed; the others are bundled.
   *
   * @throws {PipelineError} if a module or one that it imports cannot be read or parsed.
   */
  async keysOf(modules: readonly string[]): Promise<Map<string, string>> {
    const isKnown = await Promise.all([...modules, "runtime"].map((each) => this.#holds(each)));
    const changed = modules.filter((_, i) => !isKnown[i] || !isKnown[modules.length]);
    if (changed.length > 0) await this.#bundle(changed);
    return new Map(modules.map((module) => [module, this.#memory.modules[module].key]));
  }

  /** The code key of a module. */
  async keyOf(module: string): Promise<string> {
    return (await this.keysOf([module])).get(module)!;
  }

  /**
   * The folders of the code that a key names, checked against it: first the stage's.
   *
   * @throws {PipelineError} if they are damaged and the module is no longer what it was.
   */
  foldersOf(module: string, key: string): Promise<string[]> {
    let folders = this.#checked.get(key);
    if (!folders) this.#checked.set(key, folders = this.#check(module, key));
    return folders;
  }

  /** The folder of a program of the engine. */
  async programFolder(program: Program): Promise<string> {
    if (!await this.#holds(program)) await this.#bundle([]);
    const [folder] = await this.foldersOf(program, this.#memory.modules[program].key);
    return folder;
  }

  /** Whether a module's file is there. */
  has(module: string): boolean {
    return statIfThere(join(this.#folder, module))?.isFile ?? false;
  }

  /** Writes what was learnt. */
  save(): void {
    if (this.#changed) writeJson(this.#path, this.#memory);
    this.#changed = false;
  }

  async #check(module: string, key: string): Promise<string[]> {
    const { CodeStore } = await import("./code_store.ts");
    const store = new CodeStore(this.#memoFolder);
    if (!store.isIntact(key)) {
      await this.#bundle(module in PROGRAMS ? [] : [module]);
      if (!store.isIntact(key)) {
        throw new PipelineError(
          `Cannot run ${module} as its code was edited after the run was planned, and the copy ` +
            `that the plan is made for is damaged or gone: ${store.path(key)}; run again`,
        );
      }
    }
    return store.pathsOf(key);
  }

  /** Bundles modules, and the engine's programs with them. */
  async #bundle(modules: readonly string[]): Promise<void> {
    const [{ bundleCode }, { CodeStore }] = await Promise.all([
      import("./code_bundles.ts"),
      import("./code_store.ts"),
    ]);
    const { stages, runtime, programs, configuration } = await bundleCode(this.#folder, {
      stages: modules.map((module) => pathToFileURL(resolve(this.#folder, module)).href),
      runtime: PROGRAMS.runtime,
      programs: [PROGRAMS.inspector],
    });
    const names = [...modules, ...Object.keys(PROGRAMS)];
    const bundles = [...stages, runtime, ...programs];
    const store = new CodeStore(this.#memoFolder);
    for (const bundle of bundles) {
      store.write(bundle);
      writeJson(join(this.#memoFolder, `${bundle.key}.code.json`), bundle.parts);
    }
    const known = await this.#isCurrent(this.#memory.configuration) ? this.#memory : null;
    this.#memory = {
      format: FORMAT,
      configuration: { ...known?.configuration, ...this.#relative(configuration) },
      modules: {
        ...known?.modules,
        ...Object.fromEntries(bundles.map((bundle, i) => [names[i], this.#entryOf(bundle)])),
      },
    };
    this.#changed = true;
  }

  #entryOf({ key, sources }: CodeBundle): MemoEntry {
    return { key, files: this.#relative(sources) };
  }

  #relative(digests: Digests): Digests {
    return Object.fromEntries(
      Object.entries(digests).map(([path, digest]) => [relative(this.#folder, path), digest]),
    );
  }

  async #holds(name: string): Promise<boolean> {
    const { configuration, modules } = this.#memory;
    const entry = modules[name];
    return entry !== undefined && await this.#isCurrent(configuration) &&
      await this.#isCurrent(entry.files);
  }

  async #isCurrent(digests: Digests): Promise<boolean> {
    const files = Object.entries(digests);
    const found = await Promise.all(files.map(([file]) => this.#digest(file)));
    return files.every(([, digest], i) => digest === found[i]);
  }

  #digest(file: string): Promise<string> {
    let digest = this.#digests.get(file);
    if (!digest) this.#digests.set(file, digest = digestIfThere(join(this.#folder, file)));
    return digest;
  }
}

async function digestIfThere(path: string): Promise<string> {
  try {
    return await sha256(Deno.readFileSync(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
      return "";
    }
    throw cause;
  }
}
