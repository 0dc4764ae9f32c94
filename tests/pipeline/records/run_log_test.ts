import assert from "node:assert/strict";
import { jsonLines, Rig } from "../rig.ts";

function runs(rig: Rig): string[] {
  return [...Deno.readDirSync(rig.path("artifacts/runs"))].map(({ name }) => name).sort();
}

Deno.test("a run leaves its events and its results' keys", async () => {
  using rig = await Rig.built();
  const [id] = runs(rig);
  const events = jsonLines(rig.read(`artifacts/runs/${id}/events.jsonl`));
  const ends = events.filter(({ event }) => event === "instance");
  assert.deepEqual(ends.length, 4);
  assert.deepEqual(events.at(-1)!.event, "summary");
  assert.ok(
    events.every((event) => !Number.isNaN(Date.parse((event as unknown as { time: string }).time))),
  );
  const keys = JSON.parse(rig.read(`artifacts/runs/${id}/keys.json`));
  const state = JSON.parse(rig.read("artifacts/state/default.json"));
  assert.deepEqual(keys, state);
});

Deno.test("results are listed by name, whatever order they came in", async () => {
  using rig = new Rig();
  assert.equal((await rig.run(["-j", "1", "-S", "factors=[3, 2]"])).status, 0);
  const names = ["double@factor=2", "double@factor=3", "make", "total"];
  for (const path of [`artifacts/runs/${runs(rig)[0]}/keys.json`, "artifacts/state/default.json"]) {
    assert.deepEqual(Object.keys(JSON.parse(rig.read(path)).content), names);
  }
});

Deno.test("a run in which all is fresh writes nothing at all", async () => {
  using rig = await Rig.built();
  await rig.run();
  const before = rig.snapshot("artifacts");
  await rig.run();
  assert.deepEqual([...rig.snapshot("artifacts").keys()], [...before.keys()]);
  assert.deepEqual(rig.snapshot("artifacts"), before);
  assert.equal(runs(rig).length, 1);
});

Deno.test("of many runs the last fifty are kept", async () => {
  using rig = await Rig.built();
  for (let i = 0; i < 60; i++) {
    rig.write(`artifacts/runs/2020010${i % 10}T0000${i}Z-1/keys.json`, "{}");
  }
  await rig.run(["-S", "total.title=Totals"]);
  const kept = runs(rig);
  assert.equal(kept.length, 50);
  assert.match(kept.at(-1)!, /^20(?!20)/);
});

Deno.test("logs shows what an instance printed when it last executed, also if it failed", async () => {
  using rig = await Rig.built();
  assert.equal((await rig.run(["logs", "make"])).stdout, "made 3\n");
  assert.equal(
    (await rig.run(["logs", "double"])).stdout,
    "== double@factor=2\n\n== double@factor=3\n\n",
  );
  rig.edit(
    "stages/make.ts",
    'log("made " + params.count);',
    'log("on its way"); throw new Error("no");',
  );
  assert.equal((await rig.run([])).status, 1);
  const failed = (await rig.run(["logs", "make"])).stdout;
  assert.match(failed, /^on its way\nError: no\n/);
});
