import assert from "node:assert/strict";
import { endOf, until } from "../processes.ts";
import { logOf, Rig, STAGE_IMPORTS, summaryOf } from "../rig.ts";
import { FakeSlurm } from "./fake_slurm.ts";

const SLURM = ["--executor", "slurm"];
const ignore = Deno.build.os !== "linux";

/** A stage that counts with a checkpoint a step, as long as `steps` says. */
function counting(): Rig {
  return new Rig({
    "pipeline.yaml": "name: count\nstages:\n  count: {}\n",
    "stages/count.ts": `${STAGE_IMPORTS}
export default defineStage({
  description: "Counts",
  params: z.object({}),
  inputs: {},
  outputs: { counted: defineSchema("counted", { value: float64("A number") }) },
  async run({ outputs, checkpoint, signal, log }) {
    const { latest } = checkpoint;
    const first = latest === null ? 0 : Number(Deno.readTextFileSync(latest + "/step"));
    log("first step " + first);
    for (let step = first; step < (first === 0 ? 1000 : first + 3); step++) {
      if (signal.aborted) throw signal.reason;
      await new Promise((done) => setTimeout(done, 50));
      await checkpoint.save((folder) => Deno.writeTextFileSync(folder + "/step", String(step + 1)));
    }
    outputs.counted.append({ value: Float64Array.of(1) });
  },
});
`,
  });
}

Deno.test({
  name: "names and params that hold shell commands run as jobs without any effect",
  ignore,
  fn: async () => {
    using slurm = new FakeSlurm();
    using rig = new Rig();
    rig.edit("pipeline.yaml", "name: tiny", 'name: "it\'s; $(touch hacked) `touch hacked`"');
    const prefix = JSON.stringify("'; touch hacked; $(touch hacked) `touch hacked`\"\\");
    const args = [...SLURM, "--json", "-S", `make.prefix=${prefix}`];
    const { status, stdout, stderr } = await rig.runApart(args, { env: slurm.env });
    assert.equal(status, 0, stderr);
    assert.equal(summaryOf(stdout).ran, 4);
    assert.equal(rig.read("reports/summary.txt"), "Sums\n2: 12\n3: 18\n");
    const files = [rig.folder, slurm.folder].flatMap((folder) =>
      [...Deno.readDirSync(folder)].map(({ name }) => name)
    );
    assert.ok(!files.includes("hacked"));
    // One array a wave, of which the second has two jobs.
    const arrays = slurm.calls("sbatch").map((call) => /--array=(\S+)/.exec(call)![1]);
    assert.deepEqual(arrays, ["1-1", "1-2", "1-1"]);
    const manifest = JSON.parse(rig.read("artifacts/latest/make/manifest.json")).content;
    assert.equal(manifest.host, Deno.hostname());
  },
});

Deno.test({
  name:
    "near its time limit a stage saves a checkpoint; where Slurm cannot requeue, another job goes on",
  ignore,
  fn: async () => {
    using slurm = new FakeSlurm();
    using rig = counting();
    const engine = rig.spawn([...SLURM, "--json"], { env: slurm.env });
    const ended = endOf(engine);
    await until("the stage has started", () => logOf(rig).includes("first step"));
    slurm.signal("101_1", "SIGUSR1");
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stderr + stdout);
    assert.match(logOf(rig), /first step 0[^]*it got further[^]*first step [1-9]/);
    assert.equal(slurm.calls("scontrol")[0], "scontrol requeue 101_1");
    assert.equal(slurm.calls("sbatch").length, 2);
  },
});

Deno.test({
  name: "Ctrl-C ends jobs with a checkpoint, from which this machine goes on as well",
  ignore,
  fn: async () => {
    using slurm = new FakeSlurm();
    using rig = counting();
    const engine = rig.spawn(SLURM, { env: slurm.env });
    const ended = endOf(engine);
    await until("the stage has started", () => logOf(rig).includes("first step"));
    engine.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /interrupted/);
    const { status } = await rig.runApart();
    assert.equal(status, 0);
    assert.match(logOf(rig), /first step [1-9]/);
  },
});

Deno.test({
  name: "a detached run hands the store's password on, but writes it into no script or file",
  ignore,
  fn: async () => {
    using slurm = new FakeSlurm();
    slurm.set("mode", "hold");
    using rig = counting();
    const address = "http://me:secret@127.0.0.1:9";
    for (const store of [["--store", address], [`--store=${address}`]]) {
      const args = [...SLURM, "--detach", ...store, "--jobs", "3"];
      const { stderr, stdout } = await rig.runApart(args, { env: slurm.env });
      const number = slurm.get("number").trim();
      assert.match(slurm.get(`script.${number}`), /'--detach' '--jobs' '3'$/m, stderr + stdout);
      assert.equal(slurm.get(`store.${number}`), `${address}\n`);
      assert.doesNotMatch(stderr + stdout, /secret/);
    }
    const files = [...rig.snapshot("artifacts").values()].map(atob);
    const scripts = [...Deno.readDirSync(slurm.folder)].map(({ name }) => name)
      .filter((name) => /^script|^calls/.test(name)).map((name) => slurm.get(name));
    for (const text of [...files, ...scripts]) assert.doesNotMatch(text, /secret/);
  },
});

Deno.test("without Slurm's commands the message says where to run instead", async () => {
  using rig = counting();
  const { status, stderr } = await rig.runApart(SLURM, { env: { PATH: rig.folder } });
  assert.equal(status, 1);
  assert.match(stderr, /Cannot use the Slurm executor as there is no sbatch on the PATH/);
  assert.match(stderr, /login node/);
});

Deno.test("an executor that is none, and a detached run here, are refused", async () => {
  using rig = counting();
  const unknown = await rig.run(["--executor", "slurn"]);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /There is no executor "slurn": did you mean "slurm"\?/);
  const local = await rig.run(["--detach"]);
  assert.equal(local.status, 2);
  assert.match(local.stderr, /Cannot detach as .*--executor slurm/);
  const forced = await rig.run([...SLURM, "--detach", "--force"]);
  assert.equal(forced.status, 2);
  assert.match(forced.stderr, /Cannot detach a forced run/);
});

Deno.test("settings of Slurm enter no key: what ran here is fresh there", async () => {
  using rig = await Rig.built();
  rig.edit("pipeline.yaml", "stages:", "slurm: { partition: any, time: 5 }\nstages:");
  const { status, stdout } = await rig.run([...SLURM, "--json"]);
  assert.equal(status, 0);
  assert.equal(summaryOf(stdout).fresh, 4);
});
