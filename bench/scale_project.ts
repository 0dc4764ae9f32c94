/**
 * The engine's own cost at scale: every phase of a large synthetic pipeline, with an executor that
 * starts nothing, so that what is left is planning, keys, scheduling and the store.
 *
 * @module
 */
import { join } from "node:path";
import type { Executor, Task, TaskResult } from "../lib/pipeline/executor.ts";
import { Forecaster } from "../lib/pipeline/forecast.ts";
import { loadPlan } from "../lib/pipeline/load.ts";
import { Preparations } from "../lib/pipeline/preparations.ts";
import { openProject } from "../lib/pipeline/project.ts";
import { Run } from "../lib/pipeline/run.ts";
import { Slots } from "../lib/pipeline/slots.ts";
import { RunState } from "../lib/pipeline/state.ts";
import { Store } from "../lib/pipeline/store.ts";
import type { BenchProject } from "./engine_projects.ts";

/** A phase's cost. */
export interface Phase {
  readonly phase: "plan" | "forecast" | "run" | "run, all fresh";
  readonly instances: number;
  readonly seconds: number;
  /** Resident memory at the end, in MB. */
  readonly memoryMb: number;
}

/** Measures each phase once. @param cpus Slots for jobs. */
export async function measurePhases({ folder }: BenchProject, cpus: number): Promise<Phase[]> {
  const project = openProject({ file: join(folder, "pipeline.yaml") });
  const store = new Store(project.artifacts);
  const phases: Phase[] = [];
  const time = async <T>(phase: Phase["phase"], work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    const seconds = (performance.now() - start) / 1000;
    const memoryMb = Math.round(Deno.memoryUsage().rss / 1e6);
    phases.push({ phase, instances: 0, seconds, memoryMb });
    return result;
  };
  const { plan, code } = await time("plan", () => loadPlan(project, store, []));
  const run = async () => {
    const { signal } = new AbortController();
    const emit = () => {};
    const engine = new Run({
      folder,
      plan,
      code,
      store,
      state: new RunState(project, store),
      executor: new InstantExecutor(),
      preparations: new Preparations({}, emit, signal, 0),
      slots: new Slots({ cpus, memory: 1, visibleGpus: [] }),
      emit,
      signal,
    }, { isForced: () => false, keepGoing: false, expectedSeconds: () => 1 });
    return await engine.run(plan.instances);
  };
  await time("forecast", () => {
    const state = new RunState(project, store);
    return new Forecaster(plan, store, state, () => false).forecast(plan.instances);
  });
  const { ran } = await time("run", run);
  const { fresh } = await time("run, all fresh", run);
  if (ran !== plan.instances.length || fresh !== ran) {
    throw new Error(`Cannot measure as ${ran} instances ran and ${fresh} were fresh`);
  }
  return phases.map((phase) => ({ ...phase, instances: plan.instances.length }));
}

/** Writes what an instance would, a few bytes, and says that it is done. */
class InstantExecutor implements Executor {
  execute({ job }: Task): Promise<TaskResult> {
    const path = join(job.outputFolder, "value.arrow");
    Deno.writeTextFileSync(path, job.instance);
    return Promise.resolve({
      type: "done",
      outputs: { value: { kind: "table", path, rows: 1, columns: { value: job.instance } } },
      metrics: {},
      environment: { device: "none", versions: {} },
      peakMemoryBytes: 0,
    });
  }

  kill(): void {}
}
