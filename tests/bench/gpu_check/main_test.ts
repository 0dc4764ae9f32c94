import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CHECKS } from "../../../bench/gpu_check/checks.ts";
import type { Report } from "../../../bench/gpu_check/report.ts";
import { findLibrary } from "../../../lib/tensorflow/install/library.ts";
import { temporaryFolder } from "../../tensorflow/fake_python.ts";

const main = fileURLToPath(new URL("../../../bench/gpu_check/main.ts", import.meta.url));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", main, ...args],
    env: { BENCH_PYTHON: "no-such-python" },
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

Deno.test({
  name: "the whole command runs on a CPU, and writes the table and the file",
  ignore: await findLibrary() === null,
  fn: async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "report.json");
    const { out, err } = await run("--cpu", "--json", file);
    const report: Report = JSON.parse(await Deno.readTextFile(file));
    assert.match(err, /There is no NVIDIA GPU\. The checks run on the CPU, at reduced sizes/);
    assert.deepEqual(report.checks.map(({ name }) => name), [
      "install",
      ...CHECKS.map(({ name }) => name),
    ]);
    for (const { name, status, findings, reason } of report.checks) {
      // Whether a step waits for its views is a matter of time, and other work may run here.
      if (name === "training") assert.ok(status === "ok" || status === "problem", reason);
      else assert.equal(status, "ok", `${name}: ${reason} ${JSON.stringify(findings)}`);
      assert.ok(findings.length > 0, name);
      assert.ok(out.includes(`| ${name} | `), name);
    }
    assert.equal(report.scale, "reduced");
    assert.equal(report.machine.gpu, null);
    assert.match(report.machine.versions.tensorflow, /^2\./);
    assert.match(out, /PyTorch \(absent\) \| no-such-python: /);
  },
});

Deno.test("an unknown check ends with status 2 and the nearest name", async () => {
  const { code, err } = await run("neighbors");
  assert.equal(code, 2);
  assert.match(err, /Cannot check "neighbors" as there is no such check: .*neighbours/);
});
