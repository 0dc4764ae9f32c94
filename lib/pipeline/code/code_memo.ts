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
import type { CodeBundle, Runtime } from "./code_bundle.ts";
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
  /** Ids of the locked packages that it imports. */
  readonly packages: readonly string[];
  /** The runtime that its bundle names; `null` for the engine's programs. */
  readonly runtime: string | null;
  readonly files: Digests;
}

/** What runs beside stages' modules: the engine's own side of their processes. */
const PROGRAMS = {
  runtime: import.meta.resolve("../stage/worker.ts"),
  inspector: import.meta.resolve("../plan/inspector_child.ts"),
} as const;

/** A program of the engine. */
export type Program = keyof typeof PROGRAMS;

/** How often code is bundled that is edited meanwhile. */
const ATTEMPTS = 5;

function unsettled(modules: readonly string[]): PipelineError {
  return new PipelineError(
    `Cannot tell the code of ${modules.join(", ")} as files were edited each time it was read: ` +
      "run again once they are settled",
  );
}

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
    for (let attempt = 1;; attempt++) {
      const holds = await Promise.all(modules.map((each) => this.#holds(each)));
      const changed = modules.filter((_, i) => !holds[i]);
      if (changed.length === 0) break;
      if (attempt > ATTEMPTS) throw unsettled(changed);
      await this.#bundle(changed);
    }
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
    const stages = modules.map((module) => pathToFileURL(resolve(this.#folder, module)).href);
    const runtime = await this.#knownRuntime() ?? PROGRAMS.runtime;
    const programs = await this.#holds("inspector") ? [] : [PROGRAMS.inspector];
    const bundled = await bundleCode(this.#folder, { stages, runtime, programs });
    const engine = [...bundled.runtime ? ["runtime"] : [], ...programs.map(() => "inspector")];
    const names = [...modules, ...engine];
    const bundles = [
      ...bundled.stages,
      ...bundled.runtime ? [bundled.runtime] : [],
      ...bundled.programs,
    ];
    const store = new CodeStore(this.#memoFolder);
    for (const bundle of bundles) {
      store.write(bundle);
      writeJson(join(this.#memoFolder, `${bundle.key}.code.json`), bundle.parts);
    }
    const configuration = this.#relative(bundled.configuration);
    const entries = bundles.map((bundle, i) => [names[i], this.#entryOf(bundle)] as const);
    for (const digests of [configuration, ...entries.map(([, { files }]) => files)]) {
      for (const [file, digest] of Object.entries(digests)) {
        this.#digests.set(file, Promise.resolve(digest));
      }
    }
    // What was bundled under another configuration, or before Deno completed the lock file, is not
    // known any more.
    const known = await this.#isCurrent(this.#memory.configuration) ? this.#memory : null;
    this.#memory = {
      format: FORMAT,
      configuration: { ...known?.configuration, ...configuration },
      modules: { ...known?.modules, ...Object.fromEntries(entries) },
    };
    this.#changed = true;
  }

  /** The runtime, if it is remembered, unchanged and there. */
  async #knownRuntime(): Promise<Runtime | null> {
    if (!await this.#holds("runtime")) return null;
    const { key, packages } = this.#memory.modules.runtime;
    const { CodeStore } = await import("./code_store.ts");
    const parts = readJsonIfWhole<CodeParts>(join(this.#memoFolder, `${key}.code.json`));
    return parts && new CodeStore(this.#memoFolder).isIntact(key) ? { key, packages, parts } : null;
  }

  #entryOf({ key, packages, parts: { runtime }, sources }: CodeBundle): MemoEntry {
    return { key, packages, runtime, files: this.#relative(sources) };
  }

  #relative(digests: Digests): Digests {
    return Object.fromEntries(
      Object.entries(digests).map(([path, digest]) => [relative(this.#folder, path), digest]),
    );
  }

  async #holds(name: string): Promise<boolean> {
    const { configuration, modules } = this.#memory;
    const entry = modules[name];
    if (entry === undefined || !await this.#isCurrent(configuration)) return false;
    if (!await this.#isCurrent(entry.files)) return false;
    return entry.runtime === null ||
      entry.runtime === modules.runtime?.key && await this.#holds("runtime");
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
