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
import { BACKEND_VARIABLE, LIBRARY_VARIABLE } from "../variables.ts";
import { lastLine, runChild } from "../../base/child.ts";
import type { Trial } from "./worker.ts";
import { missingPip, PIP_REMEDY } from "../install/pip.ts";
import { type Machine, surveyMachine } from "../machine/provision.ts";

/** Single precision makes errors of about 1e-6; operands that are rounded to TF32 make 1e-3. */
const LARGEST_ERROR = 1e-4;
const TRIAL_TIMEOUT_MS = 120_000;

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
    const trial = await checkTrial(backend, tryOut);
    return [library, checkGpu(candidates), summary, ...trial];
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

async function checkTrial(backend: Backend, tryOut: Try): Promise<Check[]> {
  try {
    const trial = await tryOut(backend);
    return [...checkDevice(backend, trial), checkValues(trial), checkTime(trial)];
  } catch (error) {
    return [{
      name: "trial",
      status: "problem",
      detail: `the ${backend.name} backend does not compute: ${messageOf(error)}`,
      remedy: backend.name === "wasm"
        ? "report this, with Deno's version"
        : `set ${BACKEND_VARIABLE}=wasm to compute without it`,
    }];
  }
}

/** A GPU that the driver shows and TensorFlow does not take lacks CUDA's libraries, mostly. */
function checkDevice(backend: Backend, { info }: Trial): Check[] {
  const expectsGpu = backend.name === "tensorflow" && backend.gpus.length > 0;
  const device: Check = { name: "device", status: "ok", detail: info.device };
  if (!expectsGpu || info.device.startsWith("GPU")) return [device];
  return [{
    ...device,
    status: "problem",
    detail: `${info.device}, although there is a GPU`,
    remedy: "CUDA's libraries are missing or too old: unset TENSORFLOW_LIBRARY, or install " +
      "tensorflow[and-cuda] in that Python",
  }];
}

function checkValues({ agreement }: Trial): Check {
  const worst = Math.max(agreement.loss, agreement.slope);
  const ok = worst <= LARGEST_ERROR;
  return {
    name: "values",
    status: ok ? "ok" : "problem",
    detail: `loss ${agreement.loss.toExponential(1)} and gradient ` +
      `${agreement.slope.toExponential(1)} from a reference in double precision (relative)`,
    ...ok
      ? {}
      : { remedy: `do not use this device: set ${BACKEND_VARIABLE}=wasm, or update its driver` },
  };
}

function checkTime({ info, time }: Trial): Check {
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

async function tryInChild(backend: Backend): Promise<Trial> {
  const program = new URL("./worker.ts", import.meta.url).href;
  const env: Record<string, string> = { [BACKEND_VARIABLE]: backend.name };
  if (backend.name === "tensorflow") env[LIBRARY_VARIABLE] = backend.library.folder;
  const signal = AbortSignal.timeout(TRIAL_TIMEOUT_MS);
  const result = await runChild(Deno.execPath(), ["run", "-A", "--quiet", program], {
    signal,
    env,
  });
  if (result?.success) return JSON.parse(lastLine(result.stdout));
  throw new Error(lastLine(result?.stderr ?? "") || "its process ended without a word");
}
