/**
 * The engine's own cost at scale: every phase of a large synthetic pipeline, with an executor that
 * starts nothing, so that what is left is planning, keys, scheduling and the store.
 *
 * @module
 */
import { join } from "node:path";
import type { Executor, Task, TaskResult } from "../lib/pipeline/execute/executor.ts";
import { Forecaster } from "../lib/pipeline/freshness/forecaster.ts";
import { loadPlan } from "../lib/pipeline/plan/load.ts";
import { Preparations } from "../lib/pipeline/execute/preparations.ts";
import { openProject } from "../lib/pipeline/config/project.ts";
import { Run } from "../lib/pipeline/run/run.ts";
import { Slots } from "../lib/pipeline/execute/slots.ts";
import { RunState } from "../lib/pipeline/freshness/state.ts";
import { Store } from "../lib/pipeline/store/store.ts";
import type { BenchProject } from "./engine_projects.ts";

/** A phase's cost. */
export interface Phase {
  readonly phase: "plan" | "forecast" | "run" | "run, all fresh" | "run, all restored";
  readonly instances: number;
  readonly seconds: number;
  /** Resident memory at the end, in MB. */
  readonly memoryMb: number;
}

/** Measures each phase once and yields it when it has ended. @param cpus Slots for jobs. */
export async function* measurePhases(
  { folder }: BenchProject,
  cpus: number,
): AsyncGenerator<Phase> {
  const project = openProject({ file: join(folder, "pipeline.yaml") });
  const store = new Store(project.artifacts);
  let start = performance.now();
  const { plan, code } = await loadPlan(project, store, []);
  const instances = plan.instances.length;
  const end = (phase: Phase["phase"]): Phase => {
    const now = performance.now();
    const seconds = (now - start) / 1000;
    start = now;
    return { phase, instances, seconds, memoryMb: Math.round(Deno.memoryUsage().rss / 1e6) };
  };
  yield end("plan");
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
  const state = new RunState(project, store);
  await new Forecaster(plan, store, state, () => false).forecast(plan.instances);
  yield end("forecast");
  const { ran } = await run();
  yield end("run");
  const { fresh } = await run();
  yield end("run, all fresh");
  for (const name of ["state", "latest"]) Deno.removeSync(store.path(name), { recursive: true });
  start = performance.now();
  const { restored } = await run();
  yield end("run, all restored");
  if ([ran, fresh, restored].some((count) => count !== instances)) {
    throw new Error(
      `Cannot measure as ${ran} instances ran, ${fresh} were fresh and ${restored} restored`,
    );
  }
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
