import assert from "node:assert/strict";
import { join } from "node:path";
import {
  detectGpus,
  type Gpu,
  judgeGpus,
  parseDriverFile,
  parseMemoryShare,
  parseSmi,
} from "../../../lib/tensorflow/machine/gpu.ts";
import { temporaryFolder } from "../fake_python.ts";

const A100: Gpu = {
  name: "NVIDIA A100-SXM4-40GB",
  driver: "550.54.15",
  memoryMiB: 40960,
  computeCapability: 8,
};
const A100_LINE = "NVIDIA A100-SXM4-40GB, 550.54.15, 40960 MiB, 8.0";

Deno.test("nvidia-smi's lines are read, a GPU each", () => {
  assert.deepEqual(parseSmi(`${A100_LINE}\nTesla T4, 535.104.05, 15360 MiB, 7.5\n`), [A100, {
    name: "Tesla T4",
    driver: "535.104.05",
    memoryMiB: 15360,
    computeCapability: 7.5,
  }]);
});

Deno.test("what the driver cannot tell is unknown, not wrong", () => {
  const [gpu] = parseSmi("NVIDIA A100, 550.54.15, [N/A], [N/A]\n");
  assert.equal(gpu.computeCapability, null);
  assert.equal(gpu.memoryMiB, 0);
  assert.equal(judgeGpus([gpu]).kind, "usable");
});

Deno.test("the driver's version is read from the kernel's file, of both kinds of module", () => {
  const closed = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 2023\n";
  const open =
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build\n";
  assert.equal(parseDriverFile(closed), "535.104.05");
  assert.equal(parseDriverFile(open), "570.86.15");
  assert.equal(parseDriverFile("nothing of the kind"), null);
});

Deno.test("a GPU older than compute capability 6.0 is not used, and the reason names both", () => {
  assert.deepEqual(judgeGpus([{ ...A100, name: "Tesla K80", computeCapability: 3.7 }]), {
    kind: "unusable",
    reason: "TensorFlow's kernels need compute capability 6.0 (Pascal, 2016) or later, and Tesla " +
      "K80 has 3.7",
    remedy: "use another GPU; meanwhile the CPU is used",
  });
  assert.equal(judgeGpus([{ ...A100, computeCapability: 6 }]).kind, "usable");
});

Deno.test("among several GPUs the too old ones are left out", () => {
  const state = judgeGpus([{ ...A100, name: "Tesla K80", computeCapability: 3.7 }, A100]);
  assert.deepEqual(state, { kind: "usable", gpus: [A100], note: null });
});

Deno.test("a driver older than CUDA 12 needs is not used, and the reason names both", () => {
  const state = judgeGpus([{ ...A100, driver: "470.82.01" }]);
  assert.equal(state.kind, "unusable");
  assert.match(
    state.kind === "unusable" ? state.reason : "",
    /needs NVIDIA driver 525\.60 or later, and this machine has 470\.82\.01/,
  );
  assert.equal(judgeGpus([{ ...A100, driver: "525.60.13" }]).kind, "usable");
  assert.equal(judgeGpus([{ ...A100, driver: "525.59" }]).kind, "unusable");
});

Deno.test("a GPU newer than the build is used, with a word on the first start", () => {
  const state = judgeGpus([{ ...A100, name: "NVIDIA B200", computeCapability: 10 }]);
  assert.match(state.kind === "usable" ? state.note! : "", /NVIDIA B200 is newer .* may take long/);
});

/** Writes a fake nvidia-smi. */
async function writeSmi(folder: string, commands: string): Promise<string> {
  const path = join(folder, "nvidia-smi");
  await Deno.writeTextFile(path, `#!/bin/sh\n${commands}\n`, { mode: 0o755 });
  return path;
}

Deno.test("GPUs are found through nvidia-smi, with the query that it understands", async () => {
  await using folder = await temporaryFolder();
  const smi = await writeSmi(
    folder.path,
    `[ "$1" = --query-gpu=name,driver_version,memory.total,compute_cap ] || exit 2
[ "$2" = --format=csv,noheader ] || exit 2
echo "${A100_LINE}"; echo "${A100_LINE}"`,
  );
  const state = await detectGpus({
    smi,
    driverFile: join(folder.path, "absent"),
    visible: null,
  });
  assert.deepEqual(state, { kind: "usable", gpus: [A100, A100], note: null });
});

Deno.test("CUDA_VISIBLE_DEVICES limits the GPUs; -1 and nothing hide them all", async () => {
  await using folder = await temporaryFolder();
  const smi = await writeSmi(folder.path, `echo "${A100_LINE}"; echo "${A100_LINE}"`);
  const count = async (visible: string) => {
    const state = await detectGpus({ smi, driverFile: join(folder.path, "absent"), visible });
    return state.kind === "usable" ? state.gpus.length : state.kind;
  };
  assert.equal(await count("1"), 1);
  assert.equal(await count("0,1"), 2);
  assert.equal(await count("0,-1,1"), 1);
  assert.equal(await count("-1"), "none");
  assert.equal(await count(""), "none");
});

Deno.test("without nvidia-smi and driver there is no GPU", async () => {
  await using folder = await temporaryFolder();
  const absent = join(folder.path, "absent");
  assert.deepEqual(await detectGpus({ smi: absent, driverFile: absent, visible: null }), {
    kind: "none",
  });
});

Deno.test("a loaded driver whose nvidia-smi fails is reported in its own words", async () => {
  await using folder = await temporaryFolder();
  const smi = await writeSmi(
    folder.path,
    `echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18`,
  );
  const driverFile = join(folder.path, "version");
  await Deno.writeTextFile(
    driverFile,
    "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  x",
  );
  const state = await detectGpus({ smi, driverFile, visible: null });
  assert.match(
    state.kind === "unusable" ? state.reason : "",
    /driver 550\.54\.15 is loaded but nvidia-smi does not work \(Failed to initialize NVML/,
  );
});

Deno.test("a share of a GPU's memory is more than nothing and at most all of it", () => {
  assert.equal(parseMemoryShare(undefined), undefined);
  assert.equal(parseMemoryShare("0.25"), 0.25);
  assert.equal(parseMemoryShare("1"), 1);
  for (const text of ["0", "1.5", "-1", "half", "NaN"]) {
    assert.throws(
      () => parseMemoryShare(text),
      /BENIGN_GPU_MEMORY must be a share .*: current value/,
    );
  }
});
