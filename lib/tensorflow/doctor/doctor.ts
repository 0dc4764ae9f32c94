/**
 * What `doctor` says about computing here: the library, the GPU, and a trial of the backend that
 * a run would take. Installs nothing.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import type { Check } from "../../pipeline/execute/requirement.ts";
import {
  type Backend,
  type Candidates,
  chooseBackend,
  explainBackend,
  parseBackendChoice,
} from "../machine/backend.ts";
import { adviceOnCrash } from "../machine/crash_advice.ts";
import { BACKEND_VARIABLE, INSTRUCTION_SET_VARIABLE } from "../variables.ts";
import type { StepTime } from "./benchmark_step.ts";
import type { Agreement } from "./reference_network.ts";
import { type Findings, type Trial, tryInChild } from "./trial.ts";
import type { RuntimeInfo } from "../runtime.ts";
import { missingPip, PIP_REMEDY } from "../install/pip.ts";
import { type Machine, surveyMachine } from "../machine/provision.ts";

/** Single precision makes errors of about 1e-6; operands that are rounded to TF32 make 1e-3. */
const LARGEST_ERROR = 1e-4;

/** How a backend is tried; tests bring their own. */
export type Try = (backend: Backend) => Promise<Trial>;

/** All checks, in the order in which they are shown. */
export async function checkMachine(
  forced: string | undefined,
  on: Machine,
  tryOut: Try = tryInChild,
): Promise<Check[]> {
  try {
    const choice = parseBackendChoice(forced);
    const candidates = await surveyMachine(choice, on);
    const library = await checkLibrary(candidates, choice);
    const backend = chooseBackend(choice, { ...candidates, libraryProblem: library.detail });
    const summary: Check = {
      name: "backend",
      status: "ok",
      detail: explainBackend(backend, choice, candidates),
    };
    return [
      library,
      checkGpu(candidates),
      summary,
      ...await checkInstructionSet(backend, on),
      ...await checkTrial(backend, tryOut),
    ];
  } catch (error) {
    return [{ name: "backend", status: "problem", detail: messageOf(error) }];
  }
}

async function checkLibrary({ library }: Candidates, choice: string): Promise<Check> {
  const name = "TensorFlow library";
  if (library !== null) {
    const build = library.gpu ? "GPU" : "CPU";
    return {
      name,
      status: "ok",
      detail: `${library.version}, ${build} build, ${library.folder} (${library.origin})`,
    };
  }
  if (choice === "webgpu" || choice === "wasm") {
    return { name, status: "ok", detail: `not wanted: ${BACKEND_VARIABLE}=${choice}` };
  }
  const missing = await missingPip("python3");
  if (missing === null) {
    return { name, status: "ok", detail: "none yet; the next run installs it through pip" };
  }
  return {
    name,
    status: "warning",
    detail: `none, and ${missing} to install it`,
    remedy: `${PIP_REMEDY}, or set TENSORFLOW_LIBRARY to a folder that holds it`,
  };
}

function checkGpu({ gpu }: Candidates): Check {
  const name = "NVIDIA GPU";
  switch (gpu.kind) {
    case "none":
      return { name, status: "ok", detail: "none" };
    case "unusable":
      return { name, status: "warning", detail: gpu.reason, remedy: gpu.remedy };
    case "usable": {
      const list = gpu.gpus.map(({ name, driver, memoryMiB, computeCapability }) =>
        `${name}, ${memoryMiB} MiB, driver ${driver}, compute capability ` +
        `${computeCapability?.toFixed(1) ?? "unknown"}`
      );
      const detail = [...list, ...gpu.note === null ? [] : [gpu.note]].join("; ");
      return { name, status: gpu.note === null ? "ok" : "warning", detail };
    }
  }
}

async function checkInstructionSet(backend: Backend, on: Machine): Promise<Check[]> {
  if (backend.name !== "tensorflow" || backend.gpus.length > 0) return [];
  const name = await on.instructionSet(backend.library.folder) ?? "unknown: oneDNN does not tell";
  const limit = Deno.env.get(INSTRUCTION_SET_VARIABLE);
  const limited = limit === undefined ? "" : `, limited by ${INSTRUCTION_SET_VARIABLE}=${limit}`;
  return [{ name: "instruction set", status: "ok", detail: `${name}${limited}` }];
}

async function checkTrial(backend: Backend, tryOut: Try): Promise<Check[]> {
  try {
    const trial = await tryOut(backend);
    const { info, agreement, time } = trial.findings;
    return [
      ...info === undefined ? [] : [checkDevice(backend, info)],
      ...trial.ending === null ? checkMemory(backend, trial.findings) : [],
      ...agreement === undefined ? [] : [checkValues(agreement)],
      ...checkCapabilities(trial.findings),
      ...info === undefined || time === undefined ? [] : [checkTime(info, time)],
      ...trial.ending === null ? [] : [brokenOff(backend, trial.ending)],
    ];
  } catch (error) {
    return [brokenOff(backend, messageOf(error))];
  }
}

function brokenOff(backend: Backend, ending: string): Check {
  const without = `${BACKEND_VARIABLE}=wasm to compute without it`;
  return {
    name: "trial",
    status: "problem",
    detail: `the ${backend.name} backend does not compute: ${ending}`,
    remedy: backend.name === "wasm"
      ? "report this, with Deno's version"
      : `try ${[...adviceOnCrash(backend), without].join("; ")}`,
  };
}

/** A GPU that the driver shows and TensorFlow does not take lacks CUDA's libraries, mostly. */
function checkDevice(backend: Backend, info: RuntimeInfo): Check {
  const expectsGpu = backend.name === "tensorflow" && backend.gpus.length > 0;
  const device: Check = { name: "device", status: "ok", detail: info.device };
  if (!expectsGpu || info.device.startsWith("GPU")) return device;
  return {
    ...device,
    status: "problem",
    detail: `${info.device}, although there is a GPU`,
    remedy: "CUDA's libraries are missing or too old: unset TENSORFLOW_LIBRARY, or install " +
      "tensorflow[and-cuda] in that Python",
  };
}

/** Of a trial that came to its end: damaged memory would have ended it. */
function checkMemory(backend: Backend, { memoryIsChecked }: Partial<Findings>): Check[] {
  if (backend.name !== "tensorflow" || backend.gpus.length > 0) return [];
  const detail = memoryIsChecked
    ? "no write behind a block, under glibc's checking allocator"
    : "not checked: there is no libc_malloc_debug.so.0, which comes with glibc";
  return [{ name: "memory", status: "ok", detail }];
}

function checkValues({ loss, slope }: Agreement): Check {
  const ok = Math.max(loss, slope) <= LARGEST_ERROR;
  return {
    name: "values",
    status: ok ? "ok" : "problem",
    detail: `loss ${loss.toExponential(1)} and gradient ${slope.toExponential(1)} ` +
      "from a reference in double precision (relative)",
    ...ok
      ? {}
      : { remedy: `do not use this device: set ${BACKEND_VARIABLE}=wasm, or update its driver` },
  };
}

/** What the device lacks is no problem unless someone asks for it. */
function checkCapabilities({ bfloat16, xla }: Partial<Findings>): Check[] {
  const check = (name: string, refusal: string | null): Check => ({
    name,
    status: "ok",
    detail: refusal === null ? "can be used" : `cannot be used: ${refusal}`,
  });
  return [
    ...bfloat16 === undefined ? [] : [check("bfloat16", bfloat16.refusal)],
    ...xla === undefined ? [] : [check("XLA", xla.refusal)],
  ];
}

function checkTime(info: RuntimeInfo, time: StepTime): Check {
  const learns = time.losses[1] < time.losses[0];
  return {
    name: "training step",
    status: learns ? "ok" : "problem",
    detail: `${time.medianMs.toFixed(1)} ms for 32 images of 16x16 on ${info.threads} thread(s), ` +
      `median of ${time.steps - 1}; the first took ${time.firstMs.toFixed(0)} ms; ` +
      `loss ${time.losses[0].toFixed(3)} to ${time.losses[1].toFixed(3)}`,
    ...learns ? {} : { remedy: "training does not lower the loss here: report this" },
  };
}
