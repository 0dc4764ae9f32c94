import assert from "node:assert/strict";
import type { Backend } from "../../lib/tensorflow/machine/backend.ts";
import { checkMachine, type Try } from "../../lib/tensorflow/doctor/doctor.ts";
import { type Trial, tryInChild } from "../../lib/tensorflow/doctor/trial.ts";
import { findLibrary } from "../../lib/tensorflow/install/library.ts";
import { CHECKING_ALLOCATOR } from "../../lib/tensorflow/machine/checking_allocator.ts";
import type { GpuState } from "../../lib/tensorflow/machine/gpu.ts";
import type { Library } from "../../lib/tensorflow/install/library.ts";
import type { Machine } from "../../lib/tensorflow/machine/provision.ts";
import { createRequirement } from "../../lib/tensorflow/requirement.ts";
import { A100, CPU_LIBRARY } from "./candidates.ts";

const GPU_LIBRARY = { ...CPU_LIBRARY, folder: "/cache/gpu", gpu: true };
const USABLE: GpuState = { kind: "usable", gpus: [A100, A100], note: null };

/** A machine without anything on which installing succeeds; `asked` lists the builds installed. */
function fakeMachine(changes: Partial<Machine> = {}) {
  const asked: boolean[] = [];
  const on: Machine = {
    findLibrary: () => Promise.resolve(null),
    detectGpus: () => Promise.resolve({ kind: "none" }),
    findAdapter: () => Promise.resolve(null),
    installLibrary: ({ gpu = false } = {}) => {
      asked.push(gpu);
      return Promise.resolve(gpu ? GPU_LIBRARY : CPU_LIBRARY);
    },
    hasGpuBuild: () => true,
    instructionSet: () => Promise.resolve("Intel AVX2"),
    cudaVersions: () => Promise.resolve({}),
    ...changes,
  };
  return { on, asked };
}

interface Settings {
  /** Environment variables of the user. */
  variables?: Record<string, string>;
  signal?: AbortSignal;
}

async function prepare(
  on: Machine,
  { variables = {}, signal = new AbortController().signal }: Settings = {},
) {
  const lines: string[] = [];
  const context = { log: (line: string) => void lines.push(line), progress: () => {}, signal };
  return { lines, ...await createRequirement(on, (name) => variables[name]).prepare(context) };
}

Deno.test("a library that is there is used and nothing is installed", async () => {
  const { on, asked } = fakeMachine({ findLibrary: () => Promise.resolve(CPU_LIBRARY) });
  const prepared = await prepare(on);
  assert.deepEqual(asked, []);
  assert.deepEqual(prepared.env, {
    BENIGN_BACKEND: "tensorflow",
    TENSORFLOW_LIBRARY: "/cache/tensorflow",
  });
  assert.ok(prepared.grants.includes("--allow-ffi"));
  assert.ok(prepared.grants.includes("--allow-read=/cache/tensorflow"));
  assert.equal(prepared.gpus, 0);
  assert.equal(prepared.versions.tensorflow, "2.21.0");
  assert.match(prepared.versions.tfjs, /^4\./);
});

Deno.test("what the user sets of the library reaches the stages, and their manifests tell it", async () => {
  const { on } = fakeMachine({ findLibrary: () => Promise.resolve(CPU_LIBRARY) });
  const settings = { ONEDNN_MAX_CPU_ISA: "AVX", TF_ENABLE_ONEDNN_OPTS: "0" };
  const { env, versions } = await prepare(on, { variables: { ...settings, OTHER: "1" } });
  assert.deepEqual(env, {
    BENIGN_BACKEND: "tensorflow",
    TENSORFLOW_LIBRARY: "/cache/tensorflow",
    ...settings,
  });
  const { tfjs: _, ...told } = versions;
  assert.deepEqual(told, { tensorflow: "2.21.0", oneDNN: "Intel AVX2", ...settings });
  const wasm = await prepare(on, { variables: { BENIGN_BACKEND: "wasm", ...settings } });
  assert.deepEqual(wasm.env, { BENIGN_BACKEND: "wasm" });
  assert.deepEqual(Object.keys(wasm.versions), ["tfjs"]);
});

Deno.test("a library that this program did not install is told from the one that it would", async () => {
  const found = (origin: Library["origin"]) =>
    fakeMachine({ findLibrary: () => Promise.resolve({ ...CPU_LIBRARY, origin }) }).on;
  assert.equal((await prepare(found("cache"))).versions.library, undefined);
  assert.equal((await prepare(found("python"))).versions.library, "python");
  assert.equal(
    (await prepare(found("TENSORFLOW_LIBRARY"))).versions.library,
    "TENSORFLOW_LIBRARY",
  );
});

Deno.test("a bound on a GPU's memory reaches the stages where there is a GPU, and is checked first", async () => {
  const bound = { BENIGN_GPU_MEMORY: "0.25" };
  const cpu = fakeMachine({ findLibrary: () => Promise.resolve(CPU_LIBRARY) });
  assert.ok(!("BENIGN_GPU_MEMORY" in (await prepare(cpu.on, { variables: bound })).env));
  const { on } = fakeMachine({
    findLibrary: () => Promise.resolve(GPU_LIBRARY),
    detectGpus: () => Promise.resolve(USABLE),
  });
  assert.equal((await prepare(on, { variables: bound })).env.BENIGN_GPU_MEMORY, "0.25");
  const refusing = fakeMachine({ findLibrary: () => Promise.reject(new Error("not to be asked")) });
  await assert.rejects(
    prepare(refusing.on, { variables: { BENIGN_GPU_MEMORY: "4 GB" } }),
    /must be a share in \(0, 1\]: current value is "4 GB"/,
  );
});

Deno.test("on a GPU no instruction set is asked for; a library that tells none has none", async () => {
  const withGpu = fakeMachine({
    findLibrary: () => Promise.resolve(GPU_LIBRARY),
    detectGpus: () => Promise.resolve(USABLE),
    instructionSet: () => Promise.reject(new Error("not to be asked")),
  });
  assert.ok(!("oneDNN" in (await prepare(withGpu.on)).versions));
  const silent = fakeMachine({
    findLibrary: () => Promise.resolve(CPU_LIBRARY),
    instructionSet: () => Promise.resolve(null),
  });
  assert.ok(!("oneDNN" in (await prepare(silent.on)).versions));
});

Deno.test("manifests of work on a GPU tell the versions of CUDA's libraries", async () => {
  const cudaVersions = (folder: string) => Promise.resolve({ cuDNN: `of ${folder}` });
  const findLibrary = () => Promise.resolve(GPU_LIBRARY);
  const withGpu = fakeMachine({
    findLibrary,
    detectGpus: () => Promise.resolve(USABLE),
    cudaVersions,
  });
  assert.equal((await prepare(withGpu.on)).versions.cuDNN, "of /cache/gpu");
  const without = fakeMachine({ findLibrary, cudaVersions });
  assert.ok(!("cuDNN" in (await prepare(without.on)).versions));
});

Deno.test("what to try after a crash names tasks that there are", async () => {
  const { on } = fakeMachine({ findLibrary: () => Promise.resolve(CPU_LIBRARY) });
  const { onCrash = [] } = await prepare(on);
  const { tasks } = JSON.parse(
    await Deno.readTextFile(new URL("../../deno.json", import.meta.url)),
  );
  const named = onCrash.flatMap((advice) => /deno task ([\w:-]+)/.exec(advice)?.[1] ?? []);
  assert.ok(named.length > 0);
  for (const name of named) assert.ok(name in tasks, name);
  assert.ok(onCrash.some((advice) => advice.includes("ONEDNN_MAX_CPU_ISA=AVX ")));
});

Deno.test("where there is none, the CPU build is installed; with a usable GPU, the GPU build", async () => {
  const cpu = fakeMachine();
  assert.equal((await prepare(cpu.on)).gpus, 0);
  assert.deepEqual(cpu.asked, [false]);
  const gpu = fakeMachine({ detectGpus: () => Promise.resolve(USABLE) });
  const prepared = await prepare(gpu.on);
  assert.deepEqual(gpu.asked, [true]);
  assert.equal(prepared.gpus, 2);
  assert.equal(prepared.env.TENSORFLOW_LIBRARY, "/cache/gpu");
});

Deno.test("a CPU library is replaced where there is a usable GPU, unless the user named it", async () => {
  const withLibrary = (origin: "cache" | "TENSORFLOW_LIBRARY") =>
    fakeMachine({
      findLibrary: () => Promise.resolve({ ...CPU_LIBRARY, origin }),
      detectGpus: () => Promise.resolve(USABLE),
    });
  const ours = withLibrary("cache");
  assert.equal((await prepare(ours.on)).gpus, 2);
  assert.deepEqual(ours.asked, [true]);
  const named = withLibrary("TENSORFLOW_LIBRARY");
  assert.equal((await prepare(named.on)).gpus, 0);
  assert.deepEqual(named.asked, []);
});

Deno.test("where the GPU build fails, the CPU build is taken, and the log says so", async () => {
  const asked: boolean[] = [];
  const { on } = fakeMachine({
    detectGpus: () => Promise.resolve(USABLE),
    installLibrary: ({ gpu = false } = {}) => {
      asked.push(gpu);
      return gpu ? Promise.reject(new Error("no room")) : Promise.resolve(CPU_LIBRARY);
    },
  });
  const { lines, gpus, env } = await prepare(on);
  assert.deepEqual(asked, [true, false]);
  assert.deepEqual(lines, ["The CPU is used instead of the GPU: no room"]);
  assert.deepEqual([gpus, env.BENIGN_BACKEND], [0, "tensorflow"]);
});

Deno.test("an unusable GPU leads to the CPU build and a line that says why", async () => {
  const { on, asked } = fakeMachine({
    detectGpus: () => Promise.resolve({ kind: "unusable", reason: "too old", remedy: "buy" }),
  });
  const { summary } = await prepare(on);
  assert.deepEqual(asked, [false]);
  assert.match(summary, /on the CPU.*the GPU is not used: too old; buy/);
});

Deno.test("without pip the run goes on with WASM, and the line says what is missing", async () => {
  const { on } = fakeMachine({
    installLibrary: () => Promise.reject(new Error("no python3 with pip. Install it")),
  });
  const { env, grants, gpus, summary } = await prepare(on);
  assert.deepEqual(env, { BENIGN_BACKEND: "wasm" });
  assert.ok(!grants.includes("--allow-ffi"));
  assert.ok(grants.some((grant) => /^--allow-read=.*tfjs-backend-wasm/.test(grant)));
  assert.equal(gpus, 0);
  assert.match(summary, /WASM .* times slower .*: no python3 with pip\. Install it\.$/);
});

Deno.test("without pip but with a graphics adapter the run goes on with WebGPU", async () => {
  const { on } = fakeMachine({
    installLibrary: () => Promise.reject(new Error("no pip")),
    findAdapter: () => Promise.resolve({ description: "Radeon", isSoftware: false }),
  });
  const { env, gpus } = await prepare(on);
  assert.deepEqual([env.BENIGN_BACKEND, gpus], ["webgpu", 1]);
});

Deno.test("forcing WASM installs nothing and looks for nothing", async () => {
  const refuse = () => Promise.reject(new Error("not to be asked"));
  const { on } = fakeMachine({
    findLibrary: refuse,
    installLibrary: refuse,
    detectGpus: refuse,
    findAdapter: refuse,
  });
  assert.equal(
    (await prepare(on, { variables: { BENIGN_BACKEND: "wasm" } })).env.BENIGN_BACKEND,
    "wasm",
  );
});

Deno.test("forcing TensorFlow where it cannot be had is an error", async () => {
  const { on } = fakeMachine({ installLibrary: () => Promise.reject(new Error("no pip")) });
  await assert.rejects(
    prepare(on, { variables: { BENIGN_BACKEND: "tensorflow" } }),
    /there must be a library: no pip/,
  );
});

Deno.test("interrupting an installation ends the preparation", async () => {
  const abort = new AbortController();
  const { on } = fakeMachine({
    installLibrary: () => {
      abort.abort(new Error("interrupted"));
      return Promise.reject(new Error("pip was killed"));
    },
  });
  await assert.rejects(prepare(on, { signal: abort.signal }), /interrupted/);
});

/** A trial that goes well, with some changes. */
function trial(
  changes: { error?: number; device?: string; losses?: [number, number] } & Partial<Trial> = {},
): Try {
  const { error = 1e-7, device = "CPU: test", losses = [0.2, 0.1], ...others } = changes;
  return (backend: Backend) =>
    Promise.resolve({
      findings: {
        info: { backend: backend.name, device, threads: 1, versions: {} },
        memoryIsChecked: true,
        agreement: { loss: 1e-8, slope: error },
        time: { firstMs: 300, medianMs: 21.04, steps: 40, losses },
        bfloat16: { refusal: null },
        xla: { refusal: null },
      },
      ending: null,
      ...others,
    });
}

/** The check of a name, of a machine with a library. */
async function checkOf(name: string, tryOut: Try, changes: Partial<Machine> = {}) {
  const { on, asked } = fakeMachine({
    findLibrary: () => Promise.resolve(GPU_LIBRARY),
    ...changes,
  });
  const checks = await checkMachine(undefined, on, tryOut);
  assert.deepEqual(asked, [], "doctor must not install");
  return checks.find((check) => check.name === name);
}

Deno.test("doctor reports the step time and the distance from the reference", async () => {
  const time = await checkOf("training step", trial());
  assert.equal(time?.status, "ok");
  assert.match(time!.detail, /^21\.0 ms for 32 images of 16x16 on 1 thread\(s\), median of 39;/);
  assert.match((await checkOf("values", trial()))!.detail, /gradient 1\.0e-7 from a reference/);
});

Deno.test("doctor calls a device that computes wrongly a problem, with a remedy", async () => {
  const values = await checkOf("values", trial({ error: 0.5 }));
  assert.equal(values?.status, "problem");
  assert.match(values!.remedy!, /BENIGN_BACKEND=wasm/);
  assert.equal((await checkOf("values", trial({ error: NaN })))?.status, "problem");
});

Deno.test("doctor notices a GPU that TensorFlow does not take", async () => {
  const device = await checkOf("device", trial(), { detectGpus: () => Promise.resolve(USABLE) });
  assert.equal(device?.status, "problem");
  assert.match(device!.detail, /although there is a GPU/);
});

Deno.test("doctor notices training that does not lower the loss", async () => {
  assert.equal(
    (await checkOf("training step", trial({ losses: [0.2, 0.3] })))?.status,
    "problem",
  );
});

Deno.test("doctor shows the instruction set in use, and what limits it", async () => {
  const set = await checkOf("instruction set", trial());
  assert.match(set!.detail, /^Intel AVX2/);
  Deno.env.set("ONEDNN_MAX_CPU_ISA", "AVX2");
  try {
    const limited = await checkOf("instruction set", trial());
    assert.equal(limited!.detail, "Intel AVX2, limited by ONEDNN_MAX_CPU_ISA=AVX2");
  } finally {
    Deno.env.delete("ONEDNN_MAX_CPU_ISA");
  }
  const gpu = await checkOf("instruction set", trial(), {
    detectGpus: () => Promise.resolve(USABLE),
  });
  assert.equal(gpu, undefined);
});

Deno.test("doctor shows whether memory is checked", async () => {
  assert.match((await checkOf("memory", trial()))!.detail, /^no write behind a block/);
  const findings = { memoryIsChecked: false };
  assert.match((await checkOf("memory", trial({ findings })))!.detail, /^not checked: /);
});

Deno.test("doctor shows what a crash left, and how to compute by other kernels", async () => {
  const crash = trial({ findings: {}, ending: "ended by SIGABRT; TensorFlow runs Conv2D" });
  const check = await checkOf("trial", crash);
  assert.equal(check?.status, "problem");
  assert.match(check!.detail, /ended by SIGABRT; TensorFlow runs Conv2D$/);
  assert.match(check!.remedy!, /ONEDNN_MAX_CPU_ISA=AVX .*TF_ENABLE_ONEDNN_OPTS=0 .*BENIGN_BACKEND/);
  assert.equal(await checkOf("memory", crash), undefined);
});

Deno.test("doctor shows what steps cannot use, which is no problem", async () => {
  const findings = { bfloat16: { refusal: "it has none" }, xla: { refusal: null } };
  const check = await checkOf("bfloat16", trial({ findings }));
  assert.deepEqual([check!.status, check!.detail], ["ok", "cannot be used: it has none"]);
  assert.equal((await checkOf("XLA", trial({ findings })))!.detail, "can be used");
});

Deno.test("doctor survives a backend that crashes", async () => {
  const check = await checkOf("trial", () => Promise.reject(new Error("segmentation fault")));
  assert.equal(check?.status, "problem");
  assert.match(check!.detail, /segmentation fault/);
});

Deno.test("doctor reports a wrong TENSORFLOW_LIBRARY and a wrong BENIGN_BACKEND", async () => {
  const { on } = fakeMachine({ findLibrary: () => Promise.reject(new Error("not a library")) });
  assert.deepEqual(await checkMachine(undefined, on, trial()), [
    { name: "backend", status: "problem", detail: "not a library" },
  ]);
  const [check] = await checkMachine("cuda", on, trial());
  assert.match(check.detail, /must be one of/);
});

Deno.test("doctor tries a backend in a process of its own", async () => {
  const { on } = fakeMachine();
  const checks = await checkMachine("wasm", on);
  assert.deepEqual(checks.filter(({ status }) => status !== "ok"), []);
  assert.deepEqual(
    checks.map(({ name }) => name),
    [
      "TensorFlow library",
      "NVIDIA GPU",
      "backend",
      "device",
      "values",
      "bfloat16",
      "XLA",
      "training step",
    ],
  );
});

const library = await findLibrary();

Deno.test({
  name: "doctor tries the library to its end, under an allocator that checks where there is one",
  ignore: library === null,
  fn: async () => {
    const { findings, ending } = await tryInChild({
      name: "tensorflow",
      library: library!,
      gpus: [],
    });
    assert.equal(ending, null);
    assert.ok(findings.agreement!.loss < 1e-5 && findings.agreement!.slope < 1e-5);
    assert.ok(findings.time!.losses[1] < findings.time!.losses[0]);
    // The loader complains of a library that is not there.
    const { stderr } = await new Deno.Command("true", { env: CHECKING_ALLOCATOR }).output();
    assert.equal(findings.memoryIsChecked, Deno.build.os === "linux" && stderr.length === 0);
    assert.deepEqual(findings.xla, { refusal: null });
  },
});

Deno.test("a library that is not there ends a trial with the loader's words", async () => {
  const { findings, ending } = await tryInChild({
    name: "tensorflow",
    library: { ...CPU_LIBRARY, folder: "/no/such/folder" },
    gpus: [],
  });
  assert.deepEqual(findings, {});
  assert.match(ending!, /\/no\/such\/folder/);
});
