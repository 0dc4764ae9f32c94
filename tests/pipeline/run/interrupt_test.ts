import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { descendants, endOf, isAlive, killIfAlive, until } from "../processes.ts";
import { logOf, Rig, STAGE_IMPORTS } from "../rig.ts";

const ignore = Deno.build.os !== "linux";

/** A stage that counts to 40 with a checkpoint a step, or does what `body` says in every step. */
function counting(body = ""): Rig {
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
    for (let step = first; step < 40; step++) {
      if (signal.aborted) throw signal.reason;
      ${body}
      await new Promise((done) => setTimeout(done, 50));
      await checkpoint.save((folder) => Deno.writeTextFileSync(folder + "/step", String(step + 1)));
    }
    outputs.counted.append({ value: Float64Array.of(40) });
  },
});
`,
  });
}

/** Waits for the first checkpoint. */
function untilStarted(rig: Rig): Promise<void> {
  return until("the stage has started", () => logOf(rig).includes("first step"));
}

async function assertGoesOn(rig: Rig): Promise<void> {
  const { status, stderr } = await rig.runApart();
  assert.equal(status, 0, stderr);
  assert.match(logOf(rig), /first step [1-9]/);
}

Deno.test({
  name:
    "Ctrl-C, even if it arrives twice, keeps a checkpoint, exits with 130 and says how to go on",
  ignore,
  fn: async () => {
    using rig = counting();
    const engine = rig.spawn();
    await untilStarted(rig);
    await delay(300);
    Deno.kill(engine.pid, "SIGINT");
    await delay(100);
    if (isAlive(engine.pid)) Deno.kill(engine.pid, "SIGINT");
    const { code, stdout, stderr } = await endOf(engine);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /stopping: running stages save their checkpoints/);
    assert.match(stderr, /skipped +count +interrupted; its checkpoint is kept/);
    assert.match(stdout, /run again to go on from here; nothing that is done runs again/);
    await assertGoesOn(rig);
  },
});

Deno.test({
  name: "Ctrl-C under `deno task` reaches everybody and ends in order",
  ignore,
  fn: async () => {
    using rig = counting();
    const task = new Deno.Command("setsid", {
      args: [Deno.execPath(), "task", "--quiet", "pipeline"],
      cwd: rig.folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await untilStarted(rig);
    await delay(300);
    new Deno.Command("kill", { args: ["-INT", "--", `-${task.pid}`] }).outputSync();
    const { code, stdout, stderr } = await endOf(task);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /interrupted; its checkpoint is kept/);
    assert.match(stdout, /run again to go on/);
    await assertGoesOn(rig);
  },
});

Deno.test({
  name: "a second Ctrl-C ends a stage that hangs",
  ignore,
  fn: async () => {
    using rig = counting("for (;;);");
    const engine = rig.spawn();
    await untilStarted(rig);
    const [...children] = descendants(engine.pid);
    Deno.kill(engine.pid, "SIGINT");
    await delay(1200);
    assert.ok(isAlive(engine.pid), "the first Ctrl-C waits");
    Deno.kill(engine.pid, "SIGINT");
    const { code, stderr } = await endOf(engine);
    assert.equal(code, 130);
    assert.match(stderr, /run again to go on from the last checkpoints/);
    await until("the stage has ended", () => !children.some(isAlive), 5000);
  },
});

Deno.test({
  name: "a stage whose engine is killed keeps a checkpoint and ends, and its next run goes on",
  ignore,
  fn: async () => {
    using rig = counting();
    const engine = rig.spawn([], { stdout: "null", stderr: "null" });
    await untilStarted(rig);
    await delay(300);
    const children = descendants(engine.pid);
    killIfAlive(engine.pid);
    await engine.status;
    await assertGoesOn(rig);
    await until("the orphan has ended", () => !children.some(isAlive));
  },
});

Deno.test({
  name: "a stage that hangs is ended after its engine was killed",
  ignore,
  fn: async () => {
    using rig = counting("for (;;);");
    const engine = rig.spawn([], { stdout: "null", stderr: "null" });
    await untilStarted(rig);
    const children = descendants(engine.pid);
    assert.ok(children.length > 0);
    killIfAlive(engine.pid);
    await engine.status;
    await until("the orphan has ended", () => !children.some(isAlive));
  },
});
