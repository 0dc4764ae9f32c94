import assert from "node:assert/strict";
import type { CheckEntry } from "../../../bench/gpu_check/check.ts";
import type { CheckReport } from "../../../bench/gpu_check/report.ts";
import { isAlive } from "../../pipeline/processes.ts";
import { runChecks } from "../../../bench/gpu_check/run_checks.ts";

function entry(name: string, limitSeconds = 60): CheckEntry {
  const module = new URL(`checks/${name}.ts`, import.meta.url).href;
  return { name, module, expectedSeconds: { full: 1, reduced: 1 }, limitSeconds };
}

/** Runs checks of the folder beside this file after an installation. */
async function run(
  checks: readonly CheckEntry[],
  { totalSeconds = 600, signal = new AbortController().signal, install = "installs" } = {},
) {
  const printed: string[] = [];
  const result = await runChecks({
    install: entry(install),
    checks,
    hasGpu: true,
    env: {},
    totalSeconds,
  }, { print: (line) => printed.push(line), signal });
  const byName = new Map(result.reports.map((report) => [report.name, report]));
  return { ...result, printed, of: (name: string): CheckReport => byName.get(name)! };
}

Deno.test("a check's findings and words arrive, whatever libraries print between them", async () => {
  const { of, printed } = await run([entry("passes")]);
  assert.equal(of("passes").status, "ok");
  assert.deepEqual(of("passes").findings[0], { what: "size", value: "full", status: "note" });
  assert.ok(printed.includes("      computing"));
});

Deno.test("checks compute with what was installed", async () => {
  const { of, versions, scale } = await run([entry("passes")]);
  assert.equal(of("passes").findings[1].value, "installed");
  assert.deepEqual(versions, { tensorflow: "2.21.0" });
  assert.equal(scale, "full");
});

Deno.test("where the installation fails, the others are done at reduced sizes", async () => {
  const { of, scale } = await run([entry("passes")], { install: "throws" });
  assert.equal(of("throws").status, "failed");
  assert.equal(of("passes").findings[0].value, "reduced");
  assert.equal(scale, "reduced");
});

Deno.test("a process that dies in native code is reported with its signal and last words, and hides no other", async () => {
  const { of, printed } = await run([entry("crashes"), entry("passes")]);
  const { status, reason } = of("crashes");
  assert.equal(status, "failed");
  assert.match(reason!, /was ended by SIGSEGV .*its last words: free\(\): invalid pointer/);
  assert.equal(of("passes").status, "ok");
  const started = Number(/started (\d+)/.exec(printed.join("\n"))![1]);
  assert.equal(isAlive(started), false, "what it started is gone");
});

Deno.test("an error is reported by its message", async () => {
  const { of } = await run([entry("throws"), entry("passes")]);
  assert.equal(of("throws").reason, "Cannot check as nothing is here");
  assert.equal(of("passes").status, "ok");
});

Deno.test("a check that takes too long is ended, and the next begins", async () => {
  const { of } = await run([entry("hangs", 2), entry("passes")]);
  assert.deepEqual([of("hangs").status, of("hangs").reason], [
    "failed",
    "ended after 2 s, its limit",
  ]);
  assert.equal(of("passes").status, "ok");
});

Deno.test("what the time does not allow is not run, and said so", async () => {
  const { of } = await run([entry("hangs"), entry("passes")], { totalSeconds: 8 });
  assert.equal(of("hangs").status, "failed");
  assert.equal(of("passes").status, "not run");
  assert.equal(of("passes").reason, "no time was left of 8.0 s");
});

Deno.test("an interruption ends the running check, and what was found is kept", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 3000);
  const { of } = await run([entry("hangs"), entry("passes")], { signal: controller.signal });
  assert.equal(of("installs").status, "ok");
  assert.equal(of("hangs").reason, "interrupted");
  assert.equal(of("passes").status, "not run");
});

Deno.test("a finding that should be another makes its check a problem", async () => {
  const { of } = await run([entry("finds_a_problem")]);
  assert.equal(of("finds_a_problem").status, "problem");
});
