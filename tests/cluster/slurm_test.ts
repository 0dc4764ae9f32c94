import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { descendants, endOf, killIfAlive, until } from "../pipeline/processes.ts";
import { logOf, Rig, STAGE_IMPORTS, summaryOf } from "../pipeline/rig.ts";
import { Cluster, whyNot } from "./cluster.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const reason = whyNot();
const cluster = reason === null ? await Cluster.start() : null;
const SLURM = ["--executor", "slurm"];

function test(name: string, fn: (cluster: Cluster) => Promise<void>): void {
  const because = reason === null ? "" : ` (left out: ${reason})`;
  Deno.test({
    name: name + because,
    ignore: cluster === null,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => fn(cluster!),
  });
}

/** A stage that counts to 30 in about 10 s, with a checkpoint a step. */
function counting(slurm = "{}", more = ""): Rig {
  return new Rig({
    "pipeline.yaml": `name: count\nstages:\n  count: ${more || "{}"}\nslurm: ${slurm}\n`,
    "stages/count.ts": `${STAGE_IMPORTS}
export default defineStage({
  description: "Counts",
  params: z.object({ steps: z.int().default(30).describe("How far") }),
  inputs: {},
  outputs: { counted: defineSchema("counted", { value: float64("A number") }) },
  resources: { gpu: 1 },
  async run({ params, outputs, checkpoint, signal, log, progress }) {
    const { latest } = checkpoint;
    const first = latest === null ? 0 : Number(Deno.readTextFileSync(latest + "/step"));
    log("first step " + first + ", GPUs " + Deno.env.get("CUDA_VISIBLE_DEVICES"));
    for (let step = first; step < params.steps; step++) {
      if (signal.aborted) throw signal.reason;
      progress(step / params.steps, "step " + step);
      await delay(300);
      await checkpoint.save((folder) => Deno.writeTextFileSync(folder + "/step", String(step + 1)));
    }
    outputs.counted.append({ value: Float64Array.of(params.steps) });
  },
});
`,
  });
}

/** What a stage sent to its task's folder, also while no engine reads it. */
function eventsOf(rig: Rig): string {
  try {
    const names = [...Deno.readDirSync(rig.path("artifacts/slurm"))].map(({ name }) => name);
    const [key] = names.filter((name) => name !== "batches" && !name.endsWith(".log"));
    return rig.read(`artifacts/slurm/${key}/events.jsonl`);
  } catch {
    return "";
  }
}

function untilStarted(rig: Rig): Promise<void> {
  return until("the stage has started", () => eventsOf(rig).includes("first step"), 60_000);
}

async function untilEmpty(cluster: Cluster): Promise<void> {
  for (let tries = 0; (await cluster.call("squeue", "-h")).trim() !== ""; tries++) {
    assert.ok(tries < 60, await cluster.call("squeue"));
    await delay(1000);
  }
}

async function runOn({ env }: Cluster, rig: Rig, ...args: string[]) {
  return await rig.runApart([...SLURM, ...args], { env });
}

/** Process ids of stages of a rig that run on the node. */
function stagePids(rig: Rig): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
      return command.includes(`${rig.folder}/artifacts/slurm/`) && command.includes("job.json");
    } catch {
      return false;
    }
  });
}

test("the tiny pipeline has on the cluster the results that it has here", async (cluster) => {
  using rig = new Rig();
  using other = await Rig.built();
  const { status, stdout, stderr } = await runOn(cluster, rig, "--json");
  assert.equal(status, 0, stderr);
  assert.equal(summaryOf(stdout).ran, 4);
  assert.deepEqual(rig.snapshot("reports"), other.snapshot("reports"));
  assert.equal(summaryOf((await runOn(cluster, rig, "--json")).stdout).fresh, 4);
  assert.equal(summaryOf((await rig.run(["--json"])).stdout).fresh, 4, "also for this machine");
});

test("instances that are ready together are one array, and each sees the GPU that it asked for", async (cluster) => {
  using rig = counting(
    "{ partition: main, time: 5 }",
    "{ matrix: { seed: [0, 1] }, params: { steps: 3 } }",
  );
  const { status, stderr } = await runOn(cluster, rig);
  assert.equal(status, 0, stderr);
  assert.equal([...Deno.readDirSync(rig.path("artifacts/slurm/batches"))].length, 1);
  const logs = [...Deno.readDirSync(rig.path("artifacts/logs"))]
    .map(({ name }) => rig.read(`artifacts/logs/${name}`)).join("");
  assert.deepEqual(logs.match(/GPUs \d/g)?.sort(), ["GPUs 0", "GPUs 1"]);
});

test("a stage that is killed fails with its job named, and goes on from its checkpoint", async (cluster) => {
  using rig = counting();
  const engine = rig.spawn(SLURM, { env: cluster.env });
  await untilStarted(rig);
  await delay(1500);
  for (const pid of stagePids(rig)) killIfAlive(pid);
  const { code, stderr } = await endOf(engine);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /SIGKILL/);
  assert.equal((await runOn(cluster, rig)).status, 0);
  assert.match(logOf(rig), /first step [1-9]/);
});

test("a job that is killed on its node is named, and goes on in another from its checkpoint", async (cluster) => {
  using rig = counting();
  const engine = rig.spawn(SLURM, { env: cluster.env });
  const ended = endOf(engine);
  await untilStarted(rig);
  await delay(1500);
  const [stage] = stagePids(rig);
  const parent = Number(/^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${stage}/status`))![1]);
  killIfAlive(parent);
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
  assert.match(logOf(rig), /Slurm job \d+_1 ended as FAILED \(JobLaunchFailure\)/);
  assert.match(logOf(rig), /its log is \S+\/1\.log[^]*first step [1-9]/);
});

test("a drained node delays a run, which says so", async (cluster) => {
  using rig = new Rig();
  const [node] = (await cluster.call("sinfo", "-h", "-o", "%n")).split("\n");
  await cluster.call("scontrol", "update", `nodename=${node}`, "state=drain", "reason=test");
  const engine = rig.spawn([...SLURM, "--json"], { env: cluster.env });
  const ended = endOf(engine);
  await delay(6000);
  await cluster.call("scontrol", "update", `nodename=${node}`, "state=resume");
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /waits as Slurm job \d+_1 \(PENDING: .*(DRAINED|Resources|Unavailable)/i);
  assert.equal(summaryOf(stdout).ran, 4);
});

test("a controller that is restarted in mid-run costs nothing", async (cluster) => {
  using rig = counting();
  const engine = rig.spawn([...SLURM, "--json"], { env: cluster.env });
  const ended = endOf(engine);
  await untilStarted(rig);
  await cluster.stopController();
  await delay(8000);
  await cluster.startController();
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stderr);
  assert.equal(summaryOf(stdout).ran, 1);
  assert.equal(logOf(rig).match(/first step/g)?.length, 1);
});

test("a stage at its time limit saves a checkpoint and goes on in the next job", async (cluster) => {
  using rig = counting(
    "{ time: 1, grace_seconds: 45 }",
    "{ params: { steps: 150 } }",
  );
  const engine = rig.spawn([...SLURM, "--json"], { env: cluster.env });
  const ended = endOf(engine);
  let isOver = false;
  void ended.then(() => isOver = true);
  while (!isOver) {
    // Slurm lets a job that is started again wait for about two minutes.
    const jobs = await cluster.call("squeue", "-h", "-r", "-t", "PD", "-o", "%A %r").catch(() =>
      ""
    );
    for (const [, job] of jobs.matchAll(/^(\d+) BeginTime/gm)) {
      // The node still removes what the job left.
      await delay(3000);
      await cluster.call("scontrol", "update", `JobId=${job}`, "StartTime=now").catch(() => {});
    }
    await delay(1000);
  }
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stderr + stdout);
  const starts = [...logOf(rig).matchAll(/first step (\d+)/g)].map(([, step]) => Number(step));
  assert.ok(starts.length >= 2, logOf(rig));
  assert.equal(starts[0], 0);
  for (let i = 1; i < starts.length; i++) assert.ok(starts[i] > starts[i - 1], starts.join());
});

test("an engine that was killed leaves its jobs, and the next one finds them", async (cluster) => {
  using rig = counting();
  const engine = rig.spawn(SLURM, { env: cluster.env });
  await untilStarted(rig);
  for (const pid of descendants(engine.pid)) killIfAlive(pid);
  killIfAlive(engine.pid);
  await engine.output();
  const { status, stderr } = await runOn(cluster, rig);
  assert.equal(status, 0, stderr);
  assert.deepEqual(logOf(rig).match(/first step \d+/g), ["first step 0"]);
  assert.equal([...Deno.readDirSync(rig.path("artifacts/slurm"))].length, 1, "only batches");
});

test("Ctrl-C has running stages save their checkpoints and cancels what waits", async (cluster) => {
  using rig = counting("{}", "{ matrix: { seed: [0, 1, 2] } }");
  const engine = rig.spawn(SLURM, { env: cluster.env });
  await untilStarted(rig);
  await delay(1500);
  engine.kill("SIGINT");
  const { code, stderr } = await endOf(engine);
  assert.equal(code, 130, stderr);
  assert.match(stderr, /interrupted; its checkpoint is kept/);
  await untilEmpty(cluster);
  assert.equal((await runOn(cluster, rig)).status, 0);
  assert.match(logOf(rig), /first step/);
});

test("a detached run ends at once and goes on by itself to the report", async (cluster) => {
  using rig = new Rig();
  const { status, stderr } = await runOn(cluster, rig, "--detach");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /with Slurm as job \d+_1/);
  const shown = await rig.runApart(["status"], { env: cluster.env });
  assert.match(shown.stdout, /^slurm {4}make {2}/m);
  const summary = () => {
    try {
      return rig.read("reports/summary.txt");
    } catch {
      return "";
    }
  };
  await until("the report is there", () => summary() !== "", 120_000);
  assert.equal(summary(), "Sums\n2: 12\n3: 18\n");
  await untilEmpty(cluster);
});

test("an unknown partition is one message with its remedy", async (cluster) => {
  using rig = counting("{ partition: nowhere }");
  const { status, stderr } = await runOn(cluster, rig);
  assert.equal(status, 1);
  assert.match(stderr, /Cannot submit count as Slurm refuses it: .*invalid partition/i);
  assert.match(stderr, /slurm\.partition/);
});

test("the smoke profile makes its report on the cluster", async (cluster) => {
  const folder = Deno.makeTempDirSync({ prefix: "smoke-" });
  const args = ["run", "-A", "--quiet", "main.ts", "-p", "smoke", "--json", ...SLURM];
  const engine = new Deno.Command(Deno.execPath(), {
    args: [...args, "--artifacts", `${folder}/artifacts`, "--reports", `${folder}/reports`],
    cwd: ROOT,
    env: cluster.env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stdout, stderr } = await endOf(engine);
  assert.equal(code, 0, stderr);
  assert.ok(summaryOf(stdout).ran >= 8, stdout);
  assert.ok(Deno.statSync(`${folder}/reports/smoke/index.html`).size > 1000);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test({
  name: "the cluster ends",
  ignore: cluster === null,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => await cluster![Symbol.asyncDispose](),
});
