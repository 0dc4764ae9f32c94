/**
 * An engine without processes, for tests of many runs: stages run in this process, from a copy of
 * the code as it is now.
 *
 * @module
 */
import { cpSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { CodeMemo } from "../../../lib/pipeline/code/code_memo.ts";
import { compile } from "../../../lib/pipeline/plan/compile.ts";
import { readConfig } from "../../../lib/pipeline/config/config.ts";
import { ConfigurationError } from "../../../lib/pipeline/base/errors.ts";
import type { InstanceEvent, RunEvent } from "../../../lib/pipeline/execute/events.ts";
import type { Executor, Task, TaskResult } from "../../../lib/pipeline/execute/executor.ts";
import { Inspector } from "../../../lib/pipeline/plan/inspector.ts";
import type { StageInterface } from "../../../lib/pipeline/stage/interface.ts";
import { Problems } from "../../../lib/pipeline/config/located.ts";
import type { Manifest } from "../../../lib/pipeline/store/manifest.ts";
import { Preparations } from "../../../lib/pipeline/execute/preparations.ts";
import { openProject } from "../../../lib/pipeline/config/project.ts";
import { Run } from "../../../lib/pipeline/run/run.ts";
import { Slots } from "../../../lib/pipeline/execute/slots.ts";
import type { StageDefinition } from "../../../lib/pipeline/stage/stage.ts";
import { RunState } from "../../../lib/pipeline/freshness/state.ts";
import { Store } from "../../../lib/pipeline/store/store.ts";
import { execute } from "../../../lib/pipeline/stage/worker.ts";

/** What a run did. */
export interface InProcessResult {
  /** The end of each instance, by name. */
  readonly ends: ReadonlyMap<string, InstanceEvent>;
  readonly manifests: ReadonlyMap<string, Manifest>;
}

/** Runs projects whose stages keep their interfaces while their code changes. */
export class InProcessEngine {
  readonly store: Store;
  readonly #copies: string;
  #inspector: Inspector | null = null;
  #interfaces: ReadonlyMap<string, StageInterface> | null = null;
  #serial = 0;

  /** @param folder Where the store and the copies of code are kept. */
  constructor(folder: string) {
    this.store = new Store(join(folder, "store"));
    this.#copies = join(folder, "copies");
  }

  /** Brings the project in a folder up to date. */
  async run(folder: string): Promise<InProcessResult> {
    const project = openProject({
      file: join(folder, "pipeline.yaml"),
      artifacts: this.store.folder,
    });
    const code = new CodeMemo(folder, this.store.path("stages"));
    const plan = await this.#plan(project, code);
    code.save();
    const ends = new Map<string, InstanceEvent>();
    const emit = (event: RunEvent) => {
      if (event.event === "instance") ends.set(event.instance, event);
    };
    const { signal } = new AbortController();
    const run = new Run({
      folder,
      plan,
      code,
      store: this.store,
      state: new RunState(project, this.store),
      executor: new CopyExecutor(folder, join(this.#copies, String(this.#serial++))),
      preparations: new Preparations({}, emit, signal, 0),
      slots: new Slots({ cpus: 4, memory: 1, visibleGpus: [] }),
      emit,
      signal,
    }, { isForced: () => false, keepGoing: false, expectedSeconds: () => undefined });
    await run.run(plan.instances);
    const manifests = new Map<string, Manifest>();
    for (const { name } of plan.instances) manifests.set(name, await run.manifestOf(name)!);
    return { ends, manifests };
  }

  async #plan(project: ReturnType<typeof openProject>, code: CodeMemo) {
    const problems = new Problems();
    const config = readConfig(project.sources, problems);
    const modules = config.stages.map(({ module }) => module);
    if (!this.#inspector || !this.#interfaces) {
      this.#inspector = new Inspector(
        project.folder,
        this.store.path("inspector"),
        code.configPath,
        modules,
      );
      const described = await this.#inspector.describe(modules);
      this.#interfaces = new Map(Object.entries(described) as [string, StageInterface][]);
    }
    const codeKeys = new Map<string, string>();
    for (const module of modules) codeKeys.set(module, await code.keyOf(module));
    const inspector = this.#inspector;
    const plan = await compile(config, {
      reservedNames: [],
      interfaces: this.#interfaces,
      codeKeys,
      validate: (requests) => inspector.validate(requests),
    }, problems);
    if (problems.issues.length > 0) throw new ConfigurationError(problems.issues);
    return plan;
  }

  /** Ends the child that validates params. */
  async close(): Promise<void> {
    await this.#inspector?.close();
  }
}

/** Runs stages from a copy of the code, as modules that were imported once cannot change. */
class CopyExecutor implements Executor {
  readonly #folder: string;
  readonly #copy: string;
  #copied = false;

  constructor(folder: string, copy: string) {
    this.#folder = folder;
    this.#copy = copy;
  }

  async execute(task: Task): Promise<TaskResult> {
    if (!this.#copied) cpSync(this.#folder, this.#copy, { recursive: true });
    this.#copied = true;
    const module = join(this.#copy, relative(pathToFileURL(this.#folder).href, task.module));
    const { default: definition } = await import(pathToFileURL(module).href) as {
      default: StageDefinition;
    };
    const { signal } = new AbortController();
    const end = await execute(definition, task.job, () => {}, signal);
    if (end.type === "done") return { ...end, peakMemoryBytes: 0 };
    if (end.type === "failed") return end;
    throw new Error(`A job cannot end with ${end.type}`);
  }

  kill(): void {}
}
