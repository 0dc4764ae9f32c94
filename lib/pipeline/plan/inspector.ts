/**
 * Asks stage modules for their interfaces, and lets them validate params, in one child process
 * that only starts when something is not in the store's memory.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PipelineError } from "../base/errors.ts";
import type { StageInterface } from "../stage/interface.ts";
import type { Json } from "../base/json.ts";
import { ENTRY } from "../code/code_bundle.ts";
import type { CodeMemo } from "../code/code_memo.ts";
import { mergeLockFiles, readLockFile } from "../code/package_lock.ts";
import { removeIfThere } from "../base/files.ts";
import { linesOf } from "../base/lines.ts";

/** What the child is asked. */
export type InspectorRequest =
  | { readonly describe: readonly string[] }
  | { readonly validate: readonly { readonly module: string; readonly params: Json }[] };

/** What it answers. */
export type InspectorResponse =
  | { readonly interfaces: Readonly<Record<string, StageInterface | { readonly error: string }>> }
  | { readonly results: readonly ValidatedParams[] };

/** Params with defaults filled in, or what is wrong with them. */
export type ValidatedParams =
  | { readonly params: Readonly<Record<string, Json>> }
  | { readonly issues: readonly { readonly path: readonly string[]; readonly message: string }[] };

/** The child process, started at the first question. */
export class Inspector {
  readonly #code: CodeMemo;
  readonly #folder: string;
  readonly #keys: ReadonlyMap<string, string>;
  #child: Deno.ChildProcess | null = null;
  #answers: AsyncGenerator<string> | null = null;
  /** Seconds spent on fetching npm packages. */
  installSeconds = 0;

  /**
   * @param temporary A folder for the child's program.
   * @param keys Code keys of the stage modules that may be asked about.
   */
  constructor(code: CodeMemo, temporary: string, keys: ReadonlyMap<string, string>) {
    this.#code = code;
    this.#folder = join(temporary, `inspect-${Deno.pid}`);
    this.#keys = keys;
  }

  /** The interfaces of modules; an error's text for those that cannot be loaded. */
  async describe(
    modules: readonly string[],
  ): Promise<Readonly<Record<string, StageInterface | { readonly error: string }>>> {
    const response = await this.#ask({ describe: modules });
    return "interfaces" in response ? response.interfaces : {};
  }

  /** Validates params, each set by its module. */
  async validate(
    requests: readonly { readonly module: string; readonly params: Json }[],
  ): Promise<readonly ValidatedParams[]> {
    const response = await this.#ask({ validate: requests });
    return "results" in response ? response.results : [];
  }

  /** Ends the child. */
  async close(): Promise<void> {
    if (!this.#child) return;
    await this.#child.stdin.close();
    await this.#answers!.next();
    await this.#child.status;
    removeIfThere(this.#folder);
  }

  async #ask(request: InspectorRequest): Promise<InspectorResponse> {
    if (!this.#child) await this.#start();
    const writer = this.#child!.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    writer.releaseLock();
    const answer = await this.#answers!.next();
    if (answer.done) {
      throw new PipelineError(
        "Cannot read the stages' declarations as the process that imports them ended; its message is above",
      );
    }
    return JSON.parse(answer.value);
  }

  async #start(): Promise<void> {
    await this.#writeProgram();
    const started = performance.now();
    const config = ["--config", join(this.#folder, "deno.json")];
    await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--quiet", "--no-check", ...config, join(this.#folder, "packages.js")],
      stdin: "null",
      stderr: "null",
      stdout: "null",
    }).output();
    this.installSeconds = (performance.now() - started) / 1000;
    const program = join(this.#folder, "main.js");
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--no-check", "--frozen", ...config, program],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#answers = linesOf(this.#child.stdout);
  }

  /** A program that can import every stage, with a lock file that holds the packages of all. */
  async #writeProgram(): Promise<void> {
    const inspector = await this.#code.programFolder("inspector");
    const stages = await Promise.all(
      [...this.#keys].map(async ([module, key]) => {
        const [folder] = await this.#code.foldersOf(module, key);
        return { module, folder };
      }),
    );
    const folders = [inspector, ...stages.map(({ folder }) => folder)];
    const lock = mergeLockFiles(folders.map((folder) => readLockFile(join(folder, "deno.lock"))));
    const unstable = new Set(folders.flatMap((folder) => unstableIn(join(folder, "deno.json"))));
    const urlOf = (folder: string) => JSON.stringify(pathToFileURL(join(folder, ENTRY)).href);
    const loaders = stages.map(({ module, folder }) =>
      `  ${JSON.stringify(module)}: () => import(${urlOf(folder)}),\n`
    );
    const packages = Object.keys(lock.specifiers).map((name) =>
      `import ${JSON.stringify(name)};\n`
    );
    const files = {
      "main.js": `import { inspect } from ${urlOf(inspector)};\nawait inspect({\n${
        loaders.join("")
      }});\n`,
      "packages.js": packages.join(""),
      "deno.json": JSON.stringify({ unstable: [...unstable] }),
      "deno.lock": JSON.stringify(lock),
    };
    Deno.mkdirSync(this.#folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      Deno.writeTextFileSync(join(this.#folder, name), text);
    }
  }
}

function unstableIn(path: string): string[] {
  return JSON.parse(Deno.readTextFileSync(path)).unstable;
}
