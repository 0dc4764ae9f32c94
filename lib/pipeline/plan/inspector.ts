/**
 * Asks stage modules for their interfaces, and lets them validate params, in one child process
 * that only starts when something is not in the store's memory.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PipelineError } from "../base/errors.ts";
import type { StageInterface } from "../stage/interface.ts";
import type { Json } from "../base/json.ts";
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
  readonly #folder: string;
  readonly #entry: string;
  readonly #configPath: string | null;
  readonly #modules: readonly string[];
  #child: Deno.ChildProcess | null = null;
  #answers: AsyncGenerator<string> | null = null;
  /** Seconds spent on fetching npm packages. */
  installSeconds = 0;

  /**
   * @param folder The pipeline's folder.
   * @param temporary A folder for the entry module.
   * @param modules The stage modules, relative to `folder`, that may be asked about.
   */
  constructor(
    folder: string,
    temporary: string,
    configPath: string | null,
    modules: readonly string[],
  ) {
    this.#folder = folder;
    this.#entry = join(temporary, `inspect-${Deno.pid}.ts`);
    this.#configPath = configPath;
    this.#modules = modules;
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
    removeIfThere(this.#entry);
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
    const child = pathToFileURL(resolve(import.meta.dirname!, "inspector_child.ts"));
    const loaders = this.#modules.map((module) => {
      const url = pathToFileURL(resolve(this.#folder, module)).href;
      return `  ${JSON.stringify(module)}: () => import(${JSON.stringify(url)}),\n`;
    });
    Deno.mkdirSync(dirname(this.#entry), { recursive: true });
    Deno.writeTextFileSync(
      this.#entry,
      `import { inspect } from ${JSON.stringify(child.href)};\nawait inspect({\n${
        loaders.join("")
      }});\n`,
    );
    const config = this.#configPath === null ? [] : ["--config", this.#configPath];
    const started = performance.now();
    await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--quiet", "--no-check", ...config, this.#entry],
      stdin: "null",
      stderr: "null",
      stdout: "null",
    }).output();
    this.installSeconds = (performance.now() - started) / 1000;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--no-check", ...config, this.#entry],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#answers = linesOf(this.#child.stdout);
  }
}
