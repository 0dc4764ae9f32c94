import assert from "node:assert/strict";
import { type ComparedParts, describeDifferences } from "../../../lib/pipeline/freshness/reason.ts";
import { Rig, summaryOf } from "../rig.ts";

Deno.test("a second run executes nothing, and an earlier configuration is restored", async () => {
  using rig = new Rig();
  const first = await rig.run();
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^Sums\n2: 12\n3: 18\n/);
  assert.match((await rig.run()).stdout, /^everything is fresh: 4 instances in/);

  rig.edit("pipeline.yaml", "n: 3", "n: 4");
  assert.equal(summaryOf((await rig.run(["--json"])).stdout).ran, 4);
  rig.edit("pipeline.yaml", "n: 4", "n: 3");
  const back = summaryOf((await rig.run(["--json"])).stdout);
  assert.deepEqual([back.ran, back.restored], [0, 4]);
});

Deno.test("what changes nothing that consumers read leaves them fresh", async () => {
  using rig = await Rig.built();
  const ends = await rig.outcomes(["-S", "make.prefix=m"]);
  assert.equal(ends.make.outcome, "ran");
  assert.equal(ends.make.reason, 'params.prefix "n" -> "m"');
  assert.equal(ends["double@factor=2"].outcome, "fresh");
  assert.equal(ends.total.outcome, "fresh");
});

Deno.test("a new axis value executes only its own instances and what gathers them", async () => {
  using rig = await Rig.built();
  const ends = await rig.outcomes(["-S", "factors=[2, 3, 5]"]);
  const ran = Object.values(ends).filter(({ outcome }) => outcome === "ran");
  assert.deepEqual(ran.map(({ instance }) => instance), ["double@factor=5", "total"]);
});

Deno.test("a reason shows what differs of long and nested params, not all of them", () => {
  const policy = { name: "randaugment", crop: { scale: 0.08, ratio: 0.75 }, operations: 2 };
  const parts = (params: ComparedParts["params"]): ComparedParts => ({
    code: "c",
    params,
    locations: {},
    inputs: {},
    seed: 0,
  });
  const reason = (a: ComparedParts["params"], b: ComparedParts["params"]) =>
    describeDifferences(parts(a), parts(b), () => null);
  assert.equal(
    reason({ policy }, { policy: { ...policy, crop: { scale: 0.5, ratio: 0.75 } } }),
    "params.policy.crop.scale 0.08 -> 0.5",
  );
  assert.equal(reason({ policy }, { policy: "none" }).length < 100, true);
  const widths = Array.from({ length: 40 }, (_, i) => i);
  const changed = widths.with(30, 99);
  assert.match(
    reason({ widths }, { widths: changed }),
    /^params\.widths \.\.\.7,28,29,30,31.*\.\.\. -> \.\.\.7,28,29,99,31/,
  );
});
