import assert from "node:assert/strict";
import { join } from "node:path";
import type { CheckEntry } from "../../../bench/gpu_check/check.ts";
import { CHECKS, INSTALL } from "../../../bench/gpu_check/checks.ts";
import { peakWhile, readGpuMemory } from "../../../bench/gpu_check/gpu_memory.ts";
import { explainGpus, firstGpu } from "../../../bench/gpu_check/machine.ts";
import { cifar10Profile } from "../../../bench/gpu_check/profile.ts";
import { TimeLeft } from "../../../bench/gpu_check/time_left.ts";
import { temporaryFolder } from "../../tensorflow/fake_python.ts";

const TEN_MINUTES = 600;

Deno.test("what is expected of all checks on a GPU fits into ten minutes", () => {
  const sum = [INSTALL, ...CHECKS].reduce(
    (sum, { expectedSeconds }) => sum + expectedSeconds.full,
    0,
  );
  assert.ok(sum <= TEN_MINUTES, String(sum));
});

Deno.test("every check is a module that can be loaded", async () => {
  for (const { name, module } of [INSTALL, ...CHECKS]) {
    assert.equal(typeof (await import(module)).default, "function", name);
  }
});

Deno.test("the time left follows the pace of the checks that are done", () => {
  const entry: CheckEntry = {
    name: "",
    module: "",
    expectedSeconds: { full: 20, reduced: 10 },
    limitSeconds: 50,
  };
  const timeLeft = new TimeLeft();
  assert.equal(timeLeft.of([entry, entry], "full", 600), 40, "as expected, with nothing known");
  timeLeft.add(entry, "full", 40);
  assert.equal(timeLeft.of([entry], "full", 600), 40, "twice as long");
  timeLeft.add(entry, "full", 160);
  assert.equal(timeLeft.of([entry], "full", 600), 50, "at most its limit");
  assert.equal(timeLeft.of([entry, entry], "full", 60), 60, "at most all that is left");
});

Deno.test("the GPU that is checked is the first that is visible", () => {
  assert.equal(firstGpu(undefined), "0");
  assert.equal(firstGpu("3,1"), "3");
  assert.equal(firstGpu("GPU-8932f937, GPU-1"), "GPU-8932f937");
  assert.equal(firstGpu("-1"), "-1");
});

Deno.test("a machine without a usable GPU is told so, with the reason", () => {
  assert.match(explainGpus({ kind: "none" }), /no NVIDIA GPU.*on the CPU, at reduced sizes/);
  const unusable = { kind: "unusable", reason: "the driver is old", remedy: "update it" } as const;
  assert.match(explainGpus(unusable), /the driver is old; update it\..*on the CPU/);
});

Deno.test("training is checked with the settings of the profile cifar10", () => {
  assert.deepEqual(cifar10Profile(), { encoder: "resnet18", projector: [65536], batchSize: 256 });
});

Deno.test("a GPU's memory is what its driver prints", async () => {
  await using folder = await temporaryFolder();
  const smi = join(folder.path, "nvidia-smi");
  await Deno.writeTextFile(smi, '#!/bin/sh\n[ "$3" = --id=2 ] && echo "1234, 40960"\n', {
    mode: 0o755,
  });
  assert.deepEqual(await readGpuMemory(smi, "2"), { used: 1234, total: 40960 });
  await assert.rejects(readGpuMemory(smi, "5"), /must print two numbers: current value is ""/);
});

Deno.test("the peak of the memory is the most that was seen while the work was done", async () => {
  const seen = [100, 900, 300];
  const done = Promise.withResolvers<string>();
  const read = () => {
    const used = seen.shift() ?? 300;
    if (seen.length === 0) done.resolve("done");
    return Promise.resolve({ used, total: 1000 });
  };
  assert.deepEqual(await peakWhile(() => done.promise, read), { result: "done", peak: 900 });
  await assert.rejects(peakWhile(() => Promise.reject(new Error("no work")), read), /no work/);
});
