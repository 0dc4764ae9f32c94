import assert from "node:assert/strict";
import { atMost, note } from "../../../bench/gpu_check/check.ts";
import { isFine, markdown, type Report } from "../../../bench/gpu_check/report.ts";

const report: Report = {
  version: 1,
  date: "2026-11-28",
  commit: "abc1234",
  scale: "full",
  seconds: 452,
  machine: {
    gpu: "NVIDIA A100-SXM4-40GB, 40960 MiB, driver 550.54.15, compute capability 8.0",
    processor: "AMD EPYC",
    cores: 16,
    memoryGiB: 128,
    os: "linux x86_64",
    versions: { deno: "2.9.6", tensorflow: "2.21.0" },
  },
  checks: [
    {
      name: "precision",
      status: "ok",
      seconds: 12,
      findings: [atMost("products, relative error", 2.8e-7, 2e-5), note("a step", 61.234, "ms")],
    },
    {
      name: "training",
      status: "problem",
      seconds: 40,
      findings: [atMost("of a step it waited", 4.5, 3, "%")],
    },
    {
      name: "memory",
      status: "failed",
      seconds: 3,
      findings: [],
      reason: "ended by SIGSEGV; last words: a | b\nc",
    },
    { name: "step", status: "not run", seconds: 0, findings: [], reason: "no time was left" },
  ],
};

const EXPECTED = `\
### gpu-check: 1 of 4 checks passed, not training (problem), memory (failed), step (not run)

NVIDIA A100-SXM4-40GB, 40960 MiB, driver 550.54.15, compute capability 8.0; AMD EPYC, 16 cores, \
128 GiB, linux x86_64; deno 2.9.6, tensorflow 2.21.0; commit abc1234; full sizes, 7 min 32 s, \
2026-11-28.

| check | what | value | expected | outcome |
| --- | --- | --- | --- | --- |
| precision | products, relative error | 2.8e-7 | at most 0.00002 | ok |
|  | a step | 61.2 ms |  |  |
| training | of a step it waited | 4.5 % | at most 3 % | **problem** |
| memory | ended by SIGSEGV; last words: a \\| b c |  |  | **failed** |
| step | no time was left |  |  | **not run** |
`;

Deno.test("the table has a row a finding, and one for each check that was not done", () => {
  assert.equal(markdown(report), EXPECTED);
});

Deno.test("a machine without a GPU says first that it has none", () => {
  const machine = { ...report.machine, gpu: null };
  const text = markdown({ ...report, scale: "reduced", machine, checks: [report.checks[0]] });
  assert.match(text, /^### gpu-check: all 1 checks passed\n\nno usable NVIDIA GPU, so CPU only/);
});

Deno.test("all is well only if every check was done and found what was expected", () => {
  assert.equal(isFine(report), false);
  for (const check of report.checks) {
    assert.equal(isFine({ ...report, checks: [check] }), check.status === "ok", check.name);
  }
});

Deno.test("a value that is not a number is a problem, not a pass", () => {
  assert.equal(atMost("error", NaN, 1).status, "problem");
});
