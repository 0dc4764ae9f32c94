/**
 * Projects for measurements of the engine, with all their results in the store: a chain of stages,
 * and a matrix. Their stages run in this process once, as only runs that do nothing are measured.
 *
 * @module
 */
import { stop as stopEsbuild } from "esbuild";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ENTRY } from "../lib/pipeline/code/code_bundle.ts";
import type { Executor, Task, TaskResult } from "../lib/pipeline/execute/executor.ts";
import { loadPlan } from "../lib/pipeline/plan/load.ts";
import { Preparations } from "../lib/pipeline/execute/preparations.ts";
import { openProject } from "../lib/pipeline/config/project.ts";
import { Run } from "../lib/pipeline/run/run.ts";
import { Slots } from "../lib/pipeline/execute/slots.ts";
import { RunState } from "../lib/pipeline/freshness/state.ts";
import { Store } from "../lib/pipeline/store/store.ts";
import { execute } from "../lib/pipeline/stage/worker.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const MEMORY = "/dev/shm";

/** Where a project lies: in memory, if the system has a file system there, or on the disk. */
export type Medium = "memory" | "disk";

/** A project in a temporary folder. */
export class BenchProject {
  readonly folder: string;

  /** @param files Texts by path. */
  constructor(files: Readonly<Record<string, string>>, medium: Medium = "memory") {
    const dir = medium === "memory" && isFolder(MEMORY) ? MEMORY : undefined;
    this.folder = Deno.realPathSync(Deno.makeTempDirSync({ dir, prefix: "bench-" }));
    Deno.mkdirSync(join(this.folder, "stages"));
    const main = `import { runCommandLine } from "${engine("pipeline/mod.ts")}";
Deno.exit(await runCommandLine(Deno.args));
`;
    for (const [path, text] of Object.entries({ ...files, "main.ts": main, "empty.ts": "" })) {
      Deno.writeTextFileSync(join(this.folder, path), text);
    }
    for (const name of ["deno.json", "deno.lock"]) {
      Deno.copyFileSync(join(ROOT, name), join(this.folder, name));
    }
  }

  /** Plans anew, whatever the store remembers. @returns The time in ms. */
  async plan(): Promise<number> {
    const project = openProject({ file: join(this.folder, "pipeline.yaml") });
    const store = new Store(project.artifacts);
    await Deno.remove(store.path("plans"), { recursive: true }).catch(() => {});
    const start = performance.now();
    await loadPlan(project, store, []);
    return performance.now() - start;
  }

  /** Executes everything in this process, and then runs the command line once. */
  async fill(): Promise<void> {
    const project = openProject({ file: join(this.folder, "pipeline.yaml") });
    const store = new Store(project.artifacts);
    const { plan, code } = await loadPlan(project, store, []);
    const { signal } = new AbortController();
    const emit = () => {};
    const run = new Run({
      folder: this.folder,
      plan,
      code,
      store,
      state: new RunState(project, store),
      executor: new InProcessExecutor(),
      preparations: new Preparations({}, emit, signal, 0),
      slots: new Slots({ cpus: 1, memory: 1, visibleGpus: [] }),
      emit,
      signal,
    }, { isForced: () => false, keepGoing: false, expectedSeconds: () => 1 });
    const { ran } = await run.run(plan.instances);
    if (ran !== plan.instances.length) throw new Error("Cannot measure as a stage failed");
    await stopEsbuild();
    await this.runMain();
  }

  /** Executes everything from nothing, in processes. @returns The time in ms. */
  async runCold(instances: number, jobs: number): Promise<number> {
    await Deno.remove(join(this.folder, "artifacts"), { recursive: true }).catch(() => {});
    const start = performance.now();
    const text = await this.#deno("main.ts", ["-j", String(jobs)]);
    const time = performance.now() - start;
    if (!text.includes(`${instances} ran,`)) throw new Error(`Cannot measure: ${text}`);
    return time;
  }

  /** Runs the command line. @returns The time in ms. @throws {Error} if something executes. */
  async runMain(): Promise<number> {
    const start = performance.now();
    const text = await this.#deno("main.ts");
    const time = performance.now() - start;
    if (!text.startsWith("everything is fresh")) throw new Error(`Cannot measure: ${text}`);
    return time;
  }

  /** Runs an empty file. @returns The time in ms. */
  async runEmpty(): Promise<number> {
    const start = performance.now();
    await this.#deno("empty.ts");
    return performance.now() - start;
  }

  async #deno(file: string, args: readonly string[] = []): Promise<string> {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", file, ...args],
      cwd: this.folder,
    }).output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** A chain: each stage, in a module of its own, adds a number to what the one before it made. */
export function chain(length: number, medium: Medium = "memory"): BenchProject {
  const files: Record<string, string> = { "numbers.ts": NUMBERS };
  const stages = Array.from({ length }, (_, i) => {
    files[`stages/s${i}.ts`] = stage(
      i === 0 ? "" : "value: numbers",
      "",
      i === 0 ? "Float64Array.of(1)" : `inputs.value.column("value").map((x) => x + ${i})`,
    );
    return i === 0 ? "  s0: {}\n" : `  s${i}:\n    needs: { value: s${i - 1} }\n`;
  });
  return new BenchProject({
    ...files,
    "pipeline.yaml": `name: chain\nstages:\n${stages.join("")}`,
  }, medium);
}

/** Two stages with a matrix each, of half the instances. */
export function matrix(instances: number, medium: Medium = "memory"): BenchProject {
  const values = Array.from({ length: instances / 2 }, (_, i) => i).join(", ");
  return new BenchProject({
    "numbers.ts": NUMBERS,
    "stages/make.ts": stage("", "i: z.number()", "Float64Array.of(params.i)"),
    "stages/next.ts": stage("value: numbers", "", `inputs.value.column("value").map((x) => x + 1)`),
    "pipeline.yaml": `name: matrix
stages:
  make:
    matrix: { i: [${values}] }
  next:
    matrix: make
    needs: { value: make }
`,
  }, medium);
}

const NUMBERS = `import { defineSchema, float64 } from "${engine("arrow/schema.ts")}";
export const numbers = defineSchema("numbers", { value: float64("A number") });
`;

function stage(inputs: string, params: string, value: string): string {
  return `import { z } from "zod";
import { defineStage } from "${engine("pipeline/stage/stage.ts")}";
import { numbers } from "../numbers.ts";
export default defineStage({
  description: "Computes a number",
  params: z.object({ ${params} }),
  inputs: { ${inputs} },
  outputs: { value: numbers },
  run({ params, inputs, outputs }) {
    outputs.value.append({ value: ${value} });
  },
});
`;
}

function engine(path: string): string {
  return pathToFileURL(join(ROOT, "lib", path)).href;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

class InProcessExecutor implements Executor {
  async execute({ code, job }: Task): Promise<TaskResult> {
    const { default: definition } = await import(pathToFileURL(join(code, ENTRY)).href);
    const end = await execute(definition, job, () => {}, new AbortController().signal);
    if (end.type === "done") return { ...end, peakMemoryBytes: 0 };
    throw new Error(`Cannot prepare a measurement as a stage failed: ${JSON.stringify(end)}`);
  }

  kill(): void {}
}
