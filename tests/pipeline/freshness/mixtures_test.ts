import assert from "node:assert/strict";
import { readJsonIfWhole, writeJson } from "../../../lib/pipeline/base/files.ts";
import { describeMixtures, type Result } from "../../../lib/pipeline/freshness/mixtures.ts";
import type { Manifest } from "../../../lib/pipeline/store/manifest.ts";
import { Rig } from "../rig.ts";

function result(instance: string, versions: Record<string, string>, device = "CPU"): Result {
  return { instance, stage: instance.split("@")[0], environment: { device, versions } };
}

Deno.test("results of one stage that agree in device and versions are no mixture", () => {
  const results = [
    result("train@seed=0", { deno: "2", library: "1" }),
    result("train@seed=1", { library: "1", deno: "2" }),
    result("probe@seed=0", { deno: "2" }),
  ];
  assert.deepEqual(describeMixtures(results), []);
});

Deno.test("a mixture is told by what differs, and the rarer kinds' instances are named", () => {
  const results = [
    result("train@seed=0", { deno: "2", tensorflow: "2.20" }),
    result("train@seed=1", { deno: "2", tensorflow: "2.21" }),
    result("train@seed=2", { deno: "2", tensorflow: "2.21" }),
    result("train@seed=3", { deno: "2" }, "GPU"),
  ];
  assert.deepEqual(describeMixtures(results), [
    "The results of train are of different kinds: 2 instances with device CPU, tensorflow 2.21; " +
    "1 instance with device CPU, tensorflow 2.20 (train@seed=0); " +
    "1 instance with device GPU, no tensorflow (train@seed=3)",
  ]);
});

Deno.test("status and explain tell that results of different kinds are mixed", async () => {
  using rig = await Rig.built();
  for (const { name } of Deno.readDirSync(rig.path("artifacts/ac"))) {
    const path = rig.path("artifacts/ac", name);
    const manifest = readJsonIfWhole<Manifest>(path)!;
    if (manifest.instance !== "double@factor=3") continue;
    writeJson(path, { ...manifest, environment: { ...manifest.environment, device: "GPU" } });
  }
  for (const command of [["status"], ["explain", "double@factor=2"]]) {
    const { status, stderr } = await rig.run(command);
    assert.equal(status, 0);
    assert.match(
      stderr,
      /^The results of double are of different kinds: 1 instance with device CPU; 1 instance with device GPU \(double@factor=3\)$/m,
    );
  }
});
