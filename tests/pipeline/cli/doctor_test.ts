import assert from "node:assert/strict";
import type { Check } from "../../../lib/pipeline/execute/requirement.ts";
import { Rig } from "../rig.ts";

function requirement(check: () => Promise<Check[]>) {
  const prepare = () => Promise.reject(new Error("doctor must not install"));
  return { requirements: { engine: () => Promise.resolve({ prepare, check }) } };
}

Deno.test("doctor lists what it found, with the requirements' own findings", async () => {
  using rig = await Rig.built();
  const { status, stdout } = await rig.run(
    ["doctor"],
    requirement(() =>
      Promise.resolve([{ name: "engine", status: "warning", detail: "slow", remedy: "oil it" }])
    ),
  );
  assert.equal(status, 0);
  const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "));
  assert.equal(lines[0], `ok  Deno  ${Deno.version.deno}`);
  assert.match(lines[1], /^ok {2}store {2}\S+ can be written$/);
  assert.match(lines[2], /^(ok|warning) {2}disk {2}[\d.]+ [GMT]iB free$/);
  assert.equal(
    lines.find((line) => line.includes("pipeline")),
    "ok  pipeline  3 stages, 4 instances",
  );
  assert.deepEqual(lines.slice(-4), ["warning  engine  slow", "  oil it", "ready to run", ""]);
});

Deno.test("doctor ends with status 1 where something must be mended", async () => {
  using rig = await Rig.built();
  rig.edit("pipeline.yaml", "count:", "cuont:");
  const { status, stdout } = await rig.run(
    ["doctor"],
    requirement(() => Promise.reject(new Error("broken"))),
  );
  assert.equal(status, 1);
  assert.match(
    stdout,
    /^problem {2}pipeline {2}pipeline\.yaml:5:15 stage "make" has no param "cuont"/m,
  );
  assert.match(stdout, /^problem {2}engine {4}broken$/m);
  assert.match(stdout, /^2 problems to solve first$/m);
});
