/**
 * An engine without processes, for tests of many runs: stages run in this process, from a copy of
 * the code as it is now.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ENTRY } from "../../../lib/pipeline/code/code_bundle.ts";
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
  #inspector: Inspector | null = null;
  #interfaces: ReadonlyMap<string, StageInterface> | null = null;

  /** @param folder Where the store and the copies of code are kept. */
  constructor(folder: string) {
    this.store = new Store(join(folder, "store"));
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
      executor: new InProcessExecutor(),
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
    const codeKeys = await code.keysOf([...new Set(modules)]);
    if (!this.#inspector || !this.#interfaces) {
      this.#inspector = new Inspector(code, this.store.path("inspector"), codeKeys);
      const described = await this.#inspector.describe(modules);
      this.#interfaces = new Map(Object.entries(described) as [string, StageInterface][]);
    }
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

/** Runs stages' bundles in this process; one that changes is another module. */
class InProcessExecutor implements Executor {
  async execute({ code, job }: Task): Promise<TaskResult> {
    const { default: definition } = await import(pathToFileURL(join(code, ENTRY)).href) as {
      default: StageDefinition;
    };
    const { signal } = new AbortController();
    const end = await execute(definition, job, () => {}, signal);
    if (end.type === "done") return { ...end, peakMemoryBytes: 0 };
    if (end.type === "failed") return end;
    throw new Error(`A job cannot end with ${end.type}`);
  }

  kill(): void {}
}
