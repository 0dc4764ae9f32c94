import assert from "node:assert/strict";
import {
  type Candidates,
  chooseBackend,
  explainBackend,
  parseBackendChoice,
} from "../../../lib/tensorflow/machine/backend.ts";
import type { Library } from "../../../lib/tensorflow/install/library.ts";
import { A100, CPU_LIBRARY, NOTHING } from "../candidates.ts";

const REAL_ADAPTER = { description: "AMD Radeon RX 7900", isSoftware: false };
const SOFTWARE_ADAPTER = { description: "llvmpipe", isSoftware: true };
const GPU_LIBRARY: Library = { ...CPU_LIBRARY, gpu: true };

/** The line for what `auto` takes. */
function explainAuto(candidates: Candidates): string {
  return explainBackend(chooseBackend("auto", candidates), "auto", candidates);
}

Deno.test("auto takes the library first, then a real adapter, then WASM", () => {
  const all = { ...NOTHING, library: CPU_LIBRARY, adapter: REAL_ADAPTER };
  assert.equal(chooseBackend("auto", all).name, "tensorflow");
  assert.equal(chooseBackend("auto", { ...all, library: null }).name, "webgpu");
  assert.equal(chooseBackend("auto", NOTHING).name, "wasm");
});

Deno.test("auto refuses a software adapter, a user may force it", () => {
  const candidates = { ...NOTHING, adapter: SOFTWARE_ADAPTER };
  assert.equal(chooseBackend("auto", candidates).name, "wasm");
  assert.equal(chooseBackend("webgpu", candidates).name, "webgpu");
});

Deno.test("a forced backend that is not there is an error with the reason", () => {
  const candidates = { ...NOTHING, libraryProblem: "no python3" };
  assert.throws(() => chooseBackend("tensorflow", candidates), {
    message: "Cannot use the tensorflow backend as there must be a library: no python3",
  });
  assert.throws(() => chooseBackend("webgpu", candidates), /as there is no adapter/);
});

Deno.test("a choice is one of four words, and nothing means auto", () => {
  assert.equal(parseBackendChoice(undefined), "auto");
  assert.equal(parseBackendChoice(""), "auto");
  assert.equal(parseBackendChoice("wasm"), "wasm");
  assert.throws(() => parseBackendChoice("cuda"), {
    name: "RangeError",
    message: "Cannot choose a backend as BENIGN_BACKEND must be one of auto, tensorflow, webgpu, " +
      'wasm: current value is "cuda"',
  });
});

Deno.test("the native library on the CPU needs no advice", () => {
  assert.equal(
    explainAuto({ ...NOTHING, library: CPU_LIBRARY }),
    "Computing with TensorFlow 2.21.0 on the CPU, library from the cache.",
  );
});

Deno.test("a GPU build on usable GPUs names them", () => {
  const gpu = { kind: "usable", gpus: [A100], note: null } as const;
  const library: Library = { ...GPU_LIBRARY, origin: "python" };
  assert.equal(
    explainAuto({ ...NOTHING, library, gpu }),
    "Computing with TensorFlow 2.21.0 on NVIDIA A100, library of Python's TensorFlow.",
  );
  assert.match(
    explainAuto({ ...NOTHING, library, gpu: { ...gpu, gpus: [A100, A100] } }),
    / 2 GPUs /,
  );
});

Deno.test("a GPU that lies idle is mentioned, with the reason", () => {
  const unusable = { kind: "unusable", reason: "its driver is old", remedy: "update it" } as const;
  assert.match(
    explainAuto({ ...NOTHING, library: CPU_LIBRARY, gpu: unusable }),
    /on the CPU, .*; the GPU is not used: its driver is old; update it\.$/,
  );
  const usable = { kind: "usable", gpus: [A100], note: null } as const;
  const library: Library = { ...CPU_LIBRARY, origin: "TENSORFLOW_LIBRARY" };
  assert.match(
    explainAuto({ ...NOTHING, library, gpu: usable }),
    /; NVIDIA A100 is not used: the library is built for CPUs only \(install a GPU build/,
  );
});

Deno.test("without a library the line says what is missing and how slow it will be", () => {
  const libraryProblem =
    "Cannot install the TensorFlow library as python3 must be there. Install it";
  assert.match(
    explainAuto({ ...NOTHING, libraryProblem }),
    /^Computing with WASM on one CPU core, four to eight times slower than the native library: Cannot install .* Install it\.$/,
  );
  assert.equal(
    explainAuto({ ...NOTHING, libraryProblem, adapter: REAL_ADAPTER }),
    `Computing with WebGPU on AMD Radeon RX 7900: ${libraryProblem}.`,
  );
});

Deno.test("a forced backend is said to be forced", () => {
  const backend = chooseBackend("wasm", NOTHING);
  assert.match(explainBackend(backend, "wasm", NOTHING), /\(BENIGN_BACKEND=wasm\)/);
});
