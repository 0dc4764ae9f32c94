import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Task } from "../../../lib/pipeline/execute/executor.ts";
import { TaskFolder } from "../../../lib/pipeline/slurm/task_folder.ts";
import { Store } from "../../../lib/pipeline/store/store.ts";
import { reserveStore, shareStore } from "../../../lib/pipeline/store/store_use.ts";
import { Rig, summaryOf } from "../rig.ts";
import { FakeSlurm } from "../slurm/fake_slurm.ts";

/** Lets the records of runs be forgotten, as more recent ones push them out. */
function forgetRuns(rig: Rig): void {
  Deno.removeSync(rig.path("artifacts/runs"), { recursive: true });
}

Deno.test("gc removes the results that nothing refers to, and says how much it frees", async () => {
  using rig = await Rig.built();
  assert.match((await rig.run(["gc", "-n"])).stdout, /^nothing to remove: everything is in use\n$/);
  rig.edit("pipeline.yaml", "n: 3", "n: 4");
  await rig.run();
  assert.match((await rig.run(["gc", "-n"])).stdout, /^nothing to remove/);

  forgetRuns(rig);
  const before = rig.snapshot("artifacts");
  const listed = (await rig.run(["gc", "-n"])).stdout;
  assert.match(listed, /^result +[\d.]+ (?:B|KiB) +artifacts\/ac\/[0-9a-f]{64}\.json\n/);
  assert.match(listed, /\nwould free [\d.]+ KiB: 4 results, 5 blobs, /);
  assert.deepEqual(rig.snapshot("artifacts"), before);

  assert.match((await rig.run(["gc"])).stdout, /^freed [\d.]+ KiB: 4 results, 5 blobs, /);
  assert.match((await rig.run(["gc"])).stdout, /^nothing to remove/);
  const now = summaryOf((await rig.run(["--json"])).stdout);
  assert.deepEqual([now.ran, now.fresh], [0, 4]);
  rig.edit("pipeline.yaml", "n: 4", "n: 3");
  assert.equal(summaryOf((await rig.run(["--json"])).stdout).ran, 4);
});

Deno.test("gc keeps what another profile's lock file or last run refers to", async () => {
  using rig = await Rig.built();
  rig.write("profiles/large.yaml", "params: { n: 9 }\n");
  await rig.run(["-p", "large"]);
  forgetRuns(rig);
  Deno.removeSync(rig.path("artifacts/state/large.json"));
  assert.match((await rig.run(["gc"])).stdout, /^nothing to remove/);
  const again = summaryOf((await rig.run(["-p", "large", "--json"])).stdout);
  assert.deepEqual([again.ran, again.restored], [0, 4]);
});

Deno.test("gc removes what a killed run left, but no checkpoint that is still young", async () => {
  using rig = await Rig.built();
  rig.write("artifacts/tmp/left/job.json", "{}");
  rig.write("artifacts/checkpoints/young/1/state", "x");
  rig.write("artifacts/checkpoints/old/1/state", "x");
  const longAgo = new Date("2020-01-01");
  Deno.utimeSync(rig.path("artifacts/checkpoints/old"), longAgo, longAgo);
  assert.match((await rig.run(["gc"])).stdout, /1 checkpoint, 1 temporary/);
  assert.deepEqual([...Deno.readDirSync(rig.path("artifacts/tmp"))], []);
  assert.deepEqual(
    [...Deno.readDirSync(rig.path("artifacts/checkpoints"))].map(({ name }) => name),
    ["young"],
  );
});

/** Makes everything in a folder of a store look older than what is kept unfinished. */
function age(folder: string): void {
  const longAgo = new Date("2020-01-01");
  for (const { name } of Deno.readDirSync(folder)) {
    Deno.utimeSync(join(folder, name), longAgo, longAgo);
  }
}

Deno.test({
  name: "gc keeps what a job that waits or runs has and needs, however old it is",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using slurm = new FakeSlurm();
    using rig = await Rig.built();
    const [live, ended, blob] = ["a", "b", "c"].map((letter) => letter.repeat(64));
    rig.write(`artifacts/cas/${blob}`, "x");
    rig.write("artifacts/slurm/batches/one/keys", `${live}\n${ended}\n`);
    for (const [at, key] of [live, ended].entries()) {
      const folder = new TaskFolder(rig.path("artifacts/slurm", key));
      folder.start(
        { job: { key }, readable: [rig.path("artifacts/cas", blob)] } as unknown as Task,
      );
      folder.submit({ batch: "one", index: at + 1, checkpoint: null });
      rig.write(`artifacts/checkpoints/${key}/1/state`, "x");
    }
    slurm.set("jobs/17_1", "RUNNING|one|None");
    slurm.set("jobs/17_2", "FAILED|one|NonZeroExitCode");
    const names = (folder: string) =>
      [...Deno.readDirSync(rig.path("artifacts", folder))].map(({ name }) => name).sort();
    const gc = async () => {
      for (const folder of ["slurm", "checkpoints"]) age(rig.path("artifacts", folder));
      return await rig.run(["gc"]);
    };
    const path = Deno.env.get("PATH")!;
    Deno.env.set("PATH", slurm.env.PATH);
    try {
      await gc();
      assert.deepEqual(names("slurm"), [live, "batches"]);
      assert.deepEqual(names("checkpoints"), [live]);
      assert.ok(names("cas").includes(blob), "an input of the job");

      slurm.set("jobs/17_1", "COMPLETED|one|None");
      slurm.set("down");
      assert.match(
        (await gc()).stderr,
        /^1 job without a result is kept as Slurm cannot be asked: /,
      );
      assert.deepEqual(names("slurm"), [live, "batches"]);

      slurm.remove("down");
      await gc();
      assert.deepEqual([names("slurm"), names("checkpoints")], [[], []]);
      assert.ok(!names("cas").includes(blob));
    } finally {
      Deno.env.set("PATH", path);
    }
  },
});

Deno.test("gc leaves a store alone that a run uses", async () => {
  using rig = await Rig.built();
  using _run = shareStore(new Store(rig.path("artifacts")));
  const { status, stderr } = await rig.run(["gc"]);
  assert.equal(status, 1);
  assert.equal(stderr, "Cannot clean the store up as a run uses it: wait until it ends\n");
  assert.equal((await rig.run(["gc", "-n"])).status, 0);
});

Deno.test("gc removes nothing where it cannot tell what is in use", async () => {
  using rig = await Rig.built();
  rig.write("artifacts/state/default.json", "{}");
  forgetRuns(rig);
  const before = rig.snapshot("artifacts/ac");
  const { status, stderr } = await rig.run(["gc"]);
  assert.equal(status, 2);
  assert.match(stderr, /^Cannot tell what is in use as artifacts\/state\/default\.json is damaged/);
  assert.deepEqual(rig.snapshot("artifacts/ac"), before);
});

Deno.test("a store and its keys are free once their user is done, also while processes are started", async () => {
  const folder = Deno.makeTempDirSync();
  const store = new Store(folder);
  const starting = new Worker(new URL("./process_starter.ts", import.meta.url), { type: "module" });
  try {
    await new Promise((resolve) => starting.onmessage = resolve);
    for (let i = 0; i < 200; i++) {
      {
        using _run = shareStore(store);
        await delay(1);
      }
      using reservation = reserveStore(store);
      assert.notEqual(reservation, null);
      const end = store.claim("key")!;
      await delay(1);
      end();
      const claim = store.claim("key");
      assert.notEqual(claim, null);
      claim!();
    }
  } finally {
    starting.terminate();
    Deno.removeSync(folder, { recursive: true });
  }
});
