import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Task, TaskResult } from "../../../lib/pipeline/execute/executor.ts";
import type { JobEvent } from "../../../lib/pipeline/stage/job.ts";
import type { SlurmOptions } from "../../../lib/pipeline/config/slurm_options.ts";
import { SlurmExecutor } from "../../../lib/pipeline/slurm/slurm_executor.ts";
import { TaskFolder } from "../../../lib/pipeline/slurm/task_folder.ts";
import { until } from "../processes.ts";
import { FakeSlurm } from "./fake_slurm.ts";

/** Fast enough for tests. */
const PACE = { folders: [10, 50], queue: [20, 100], settle: 100 } as const;

const DONE: TaskResult = {
  type: "done",
  outputs: {},
  metrics: {},
  environment: { device: "CPU", versions: {} },
  peakMemoryBytes: 1,
};

/** A store's folder, whose jobs go to a cluster that only remembers them. */
class Bench implements Disposable {
  readonly slurm = new FakeSlurm();
  readonly folder = Deno.makeTempDirSync();
  readonly events: JobEvent[] = [];
  readonly controller = new AbortController();
  readonly #path = Deno.env.get("PATH")!;

  constructor(mode = "hold") {
    this.slurm.set("mode", mode);
    Deno.env.set("PATH", this.slurm.env.PATH);
  }

  executor(isDetached = false, options: SlurmOptions = {}): SlurmExecutor {
    const launcher = { executable: "deno", main: "main.ts", pipeline: "p.yaml", folder: "/" };
    const folder = join(this.folder, "slurm");
    return new SlurmExecutor({ folder, jobName: "test", options, launcher }, isDetached, PACE);
  }

  task(number = 0, changes: Partial<Task> = {}): Task {
    const key = number.toString(16).padStart(64, "0");
    const folder = join(this.folder, "slurm", key);
    const checkpointFolder = join(this.folder, "checkpoints", key);
    const outputFolder = join(folder, "out");
    for (const path of [checkpointFolder, outputFolder]) Deno.mkdirSync(path, { recursive: true });
    return {
      job: { key, instance: `count@seed=${number}`, checkpointFolder, outputFolder } as Task["job"],
      stage: "count",
      resources: { cpu: 1, spareCpus: false, gpu: 0, memory: 0 },
      requires: [],
      code: "",
      folder,
      readable: [],
      network: false,
      grants: [],
      environment: {},
      onCrash: [],
      ...changes,
    };
  }

  execute(executor: SlurmExecutor, task = this.task()): Promise<TaskResult> {
    return executor.execute(task, (event) => this.events.push(event), this.controller.signal);
  }

  /** Waits until a number of jobs was submitted. */
  submitted(count: number): Promise<void> {
    return until(
      `${count} jobs are submitted`,
      () => [...Deno.readDirSync(join(this.slurm.folder, "jobs"))].length === count,
    );
  }

  /** Ends a job as its stage would. */
  finish(task: Task, result = DONE): void {
    new TaskFolder(task.folder).finish(result);
  }

  checkpoint(task: Task, number: number): void {
    Deno.mkdirSync(join(task.job.checkpointFolder, String(number)));
  }

  state(job: string, state: string): void {
    this.slurm.set(`jobs/${job}`, this.slurm.get(`jobs/${job}`).replace(/^\w+/, state));
  }

  [Symbol.dispose](): void {
    Deno.env.set("PATH", this.#path);
    this.slurm[Symbol.dispose]();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

const ignore = Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

test("a result counts, whatever the queue says, and events arrive in order before it", async () => {
  using bench = new Bench();
  const task = bench.task();
  const result = bench.execute(bench.executor(), task);
  await bench.submitted(1);
  const folder = new TaskFolder(task.folder);
  folder.append([{ type: "log", line: "one" }, { type: "progress", fraction: 0.5, text: "half" }]);
  folder.append([{ type: "log", line: "two" }]);
  bench.finish(task);
  assert.deepEqual(await result, DONE);
  const lines = bench.events.flatMap((event) => event.type === "log" ? [event.line] : []);
  assert.deepEqual(lines, ["one", "two"]);
});

test("a hundred tasks are one call of sbatch, and few of squeue", async () => {
  using bench = new Bench();
  const executor = bench.executor();
  const tasks = Array.from({ length: 100 }, (_, i) => bench.task(i));
  const results = tasks.map((task) => bench.execute(executor, task));
  await bench.submitted(100);
  for (const task of tasks) bench.finish(task);
  assert.equal((await Promise.all(results)).filter(({ type }) => type === "done").length, 100);
  assert.equal(bench.slurm.calls("sbatch").length, 1);
  assert.match(bench.slurm.calls("sbatch")[0], /--array=1-100 /);
  assert.ok(bench.slurm.calls("squeue").length < 100, String(bench.slurm.calls("squeue").length));
});

test("tasks that ask for different things are different arrays", async () => {
  using bench = new Bench();
  const executor = bench.executor(false, { stages: { probe: { partition: "small" } } });
  const gpu = { cpu: 1, spareCpus: false, gpu: 1, memory: 0 };
  const tasks = [
    bench.task(0),
    bench.task(1, { resources: gpu }),
    bench.task(2, { stage: "probe" }),
    bench.task(3),
  ];
  const results = tasks.map((task) => bench.execute(executor, task));
  await bench.submitted(4);
  for (const task of tasks) bench.finish(task);
  await Promise.all(results);
  const calls = bench.slurm.calls("sbatch");
  assert.equal(calls.length, 3);
  assert.equal(calls.filter((call) => call.includes("--array=1-2 ")).length, 1);
  assert.equal(calls.filter((call) => call.includes("--gres=gpu:1")).length, 1);
  assert.equal(calls.filter((call) => call.includes("--partition=small")).length, 1);
});

test("a later engine takes the job of an earlier one, and its events from the start", async () => {
  using bench = new Bench();
  const task = bench.task();
  assert.equal((await bench.execute(bench.executor(true), task)).type, "detached");
  new TaskFolder(task.folder).append([{ type: "log", line: "one" }]);
  assert.equal((await bench.execute(bench.executor(true), task)).type, "detached");
  const result = bench.execute(bench.executor(), task);
  await delay(100);
  bench.finish(task);
  assert.deepEqual(await result, DONE);
  assert.equal(bench.slurm.calls("sbatch").length, 1);
  assert.ok(bench.events.some((event) => event.type === "log" && event.line === "one"));
});

test("an end that no engine saw is taken, be it a result or none at all", async () => {
  using bench = new Bench();
  const [done, lost] = [bench.task(0), bench.task(1)];
  await Promise.all([done, lost].map((task) => bench.execute(bench.executor(true), task)));
  bench.finish(done);
  for (const { name } of Deno.readDirSync(join(bench.slurm.folder, "jobs"))) {
    bench.state(name, "NODE_FAIL");
  }
  assert.deepEqual(await bench.execute(bench.executor(), done), DONE);
  const again = bench.execute(bench.executor(), lost);
  await bench.submitted(3);
  bench.finish(lost);
  assert.deepEqual(await again, DONE);
});

test("a submission whose answer is lost is found by its batch and not repeated", async () => {
  using bench = new Bench();
  bench.slurm.set("lose");
  const task = bench.task();
  const result = bench.execute(bench.executor(), task);
  await bench.submitted(1);
  await delay(1500);
  bench.finish(task);
  assert.deepEqual(await result, DONE);
  assert.equal(bench.slurm.calls("sbatch").length, 1);
});

test("a controller that is away for a while costs nothing but a word", async () => {
  using bench = new Bench();
  const task = bench.task();
  const result = bench.execute(bench.executor(), task);
  await bench.submitted(1);
  bench.slurm.set("down");
  await until(
    "it is said",
    () => bench.events.some((event) => event.type === "progress" && /not answer/.test(event.text)),
  );
  bench.slurm.remove("down");
  await delay(150);
  bench.finish(task);
  assert.deepEqual(await result, DONE);
});

for (const state of ["TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "CANCELLED", "FAILED"]) {
  test(`a job that ends as ${state} without a result fails with its name and log`, async () => {
    using bench = new Bench(state);
    const result = await bench.execute(bench.executor());
    assert.equal(result.type, "failed");
    assert.ok(result.type === "failed" && !result.interrupted);
    assert.match(result.message, new RegExp(`Slurm job 101_1 ended as ${state} without a result`));
    assert.match(result.message, /its log is \S+\/1\.log/);
    assert.equal(bench.slurm.calls("sbatch").length, 1);
  });
}

for (const state of ["TIMEOUT", "NODE_FAIL", "PREEMPTED"]) {
  test(`after ${state}, a stage that got further goes on in another job`, async () => {
    using bench = new Bench();
    const task = bench.task();
    const result = bench.execute(bench.executor(), task);
    await bench.submitted(1);
    bench.checkpoint(task, 1);
    bench.state("101_1", state);
    await bench.submitted(2);
    bench.finish(task);
    assert.deepEqual(await result, DONE);
  });
}

test("a job that left Slurm's queue is looked up in what the controller remembers", async () => {
  using bench = new Bench();
  bench.slurm.set("memory", "JobId=1 JobState=OUT_OF_MEMORY Reason=OutOfMemory ExitCode=0:125");
  const result = bench.execute(bench.executor());
  await bench.submitted(1);
  bench.slurm.remove("jobs/101_1");
  const end = await result;
  assert.ok(end.type === "failed");
  assert.match(end.message, /101_1 ended as OUT_OF_MEMORY \(OutOfMemory\)/);
  assert.equal(bench.slurm.calls("sacct").length, 1);
});

test("an interrupt cancels what waits and asks what runs for a checkpoint", async () => {
  using bench = new Bench();
  const executor = bench.executor();
  const tasks = [bench.task(0), bench.task(1)];
  const results = tasks.map((task) => bench.execute(executor, task));
  await bench.submitted(2);
  bench.state("101_2", "PENDING");
  await until(
    "both jobs are followed",
    () =>
      bench.events.some((event) =>
        event.type === "progress" && event.text.startsWith("waits as Slurm job 101_2")
      ),
  );
  bench.controller.abort();
  await until("scancel is called", () => bench.slurm.calls("scancel").length >= 2);
  const [pending, running] = bench.slurm.calls("scancel");
  assert.match(pending, /--state=PENDING 101_1 101_2/);
  assert.match(running, /--state=RUNNING --batch --signal=TERM 101_1/);
  bench.finish(tasks[0], { type: "failed", message: "interrupted", interrupted: true });
  for (const result of await Promise.all(results)) {
    assert.ok(result.type === "failed" && result.interrupted);
  }
});

test("a refused submission fails all its tasks with one message", async () => {
  using bench = new Bench();
  bench.slurm.set("refuse", "sbatch: error: invalid partition specified: nope\n");
  const executor = bench.executor();
  const ends = await Promise.allSettled(
    [bench.task(0), bench.task(1)].map((task) => bench.execute(executor, task)),
  );
  for (const end of ends) {
    assert.ok(end.status === "rejected");
    assert.match(end.reason.message, /Cannot submit count@seed=0 and 1 more as Slurm refuses it/);
  }
  assert.equal(bench.slurm.calls("sbatch").length, 1);
});

Deno.test("a line without end in a job's events hides none of those that follow", () => {
  const folder = new TaskFolder(Deno.makeTempDirSync());
  try {
    const last: JobEvent = { type: "log", line: "after it" };
    folder.append([{ type: "log", line: "x".repeat(2 ** 24) }, last]);
    assert.deepEqual(folder.readEvents(), []);
    assert.deepEqual(folder.readEvents(), [last]);
  } finally {
    Deno.removeSync(folder.path, { recursive: true });
  }
});
