import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { descendants, killIfAlive } from "../processes.ts";
import { Rig, summaryOf } from "../rig.ts";

const KILLS = 200;
const ENGINES = 4;
const SEED = 20_250_727;

/** Numbers in [0, 1) from a seed: a test that fails can be repeated. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Every manifest's text by its name: an execution would write another time into it. */
function manifests(rig: Rig): Map<string, string> {
  const found = new Map<string, string>();
  try {
    for (const { name } of Deno.readDirSync(rig.path("artifacts/ac"))) {
      if (/^[0-9a-f]{64}\.json$/.test(name)) found.set(name, rig.read(`artifacts/ac/${name}`));
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
  }
  return found;
}

/** Starts an engine and kills it, or one of its stages and then it, after a random time. */
async function startAndKill(
  rig: Rig,
  args: string[],
  random: () => number,
  longestMs: number,
): Promise<void> {
  const engine = rig.spawn(args, { stdout: "null", stderr: "null" });
  await delay(80 + longestMs * random());
  const stages = descendants(engine.pid);
  if (random() < 0.5 && stages.length > 0) {
    killIfAlive(stages[Math.floor(random() * stages.length)]);
    await delay(60 * random());
  }
  killIfAlive(engine.pid);
  await engine.status;
}

Deno.test({
  name: "after 200 kills of engines and stages the results are right, and nothing ran twice",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using rig = new Rig();
    const random = numbers(SEED);
    let count = 3;
    let seen = new Map<string, string>();
    let longestMs = 600;
    for (let kills = 0; kills < KILLS; kills += ENGINES) {
      const args = ["-S", `n=${count}`, "-j", "2"];
      await Promise.all(
        Array.from({ length: ENGINES }, () => startAndKill(rig, args, random, longestMs)),
      );
      const now = manifests(rig);
      for (const [name, text] of seen) assert.equal(now.get(name), text, "a result ran again");
      // So that some instances are finished and some are not, however busy the machine is.
      longestMs *= now.size > seen.size ? 0.9 : 1.15;
      // Four instances a configuration: when they are there, it is time for new work.
      if (now.size >= 4 * (count - 2)) count += 1;
      seen = now;
    }
    assert.ok(seen.size >= 4, `only ${seen.size} instances were finished`);
    rig.edit("pipeline.yaml", "n: 3", `n: ${count}`);
    const { status, stdout, stderr } = await rig.runApart(["--json"]);
    assert.equal(status, 0, stderr);
    const before = seen.size - 4 * (count - 3);
    assert.equal(summaryOf(stdout).ran, 4 - before);
    const sum = count * (count + 1) / 2;
    assert.equal(rig.read("reports/summary.txt"), `Sums\n2: ${2 * sum}\n3: ${3 * sum}\n`);
    for (const [name, text] of seen) assert.equal(manifests(rig).get(name), text);
    assert.deepEqual([...Deno.readDirSync(rig.path("artifacts/tmp"))], [], "leftovers stay");
  },
});
