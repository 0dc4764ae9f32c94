/**
 * The machine that is checked, in words.
 *
 * @module
 */
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { lastLine, runChild } from "../../lib/base/child.ts";
import type { Gpu, GpuState } from "../../lib/tensorflow/machine/gpu.ts";

/** What the numbers of a report were measured on. */
export interface MachineDescription {
  /** The GPU with memory, driver and compute capability; null where none is usable. */
  readonly gpu: string | null;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes this machine. */
export function describeMachine(gpus: GpuState): MachineDescription {
  return {
    gpu: gpus.kind === "usable" ? describeGpu(gpus.gpus[0]) : null,
    processor: cpus()[0]?.model.trim() || Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${Deno.build.os} ${Deno.build.arch}`,
    versions: { deno: Deno.version.deno },
  };
}

/** One line on whether there is a GPU to check. */
export function explainGpus(state: GpuState): string {
  switch (state.kind) {
    case "usable":
      return `Checking ${describeGpu(state.gpus[0])}${
        state.note === null ? "" : `; ${state.note}`
      }.`;
    case "unusable":
      return `The GPU cannot be used: ${state.reason}; ${state.remedy}. ${ON_CPU}`;
    case "none":
      return `There is no NVIDIA GPU. ${ON_CPU}`;
  }
}

const ON_CPU = "The checks run on the CPU, at reduced sizes: they say nothing about a GPU.";

function describeGpu({ name, memoryMiB, driver, computeCapability }: Gpu): string {
  const capability = computeCapability?.toFixed(1) ?? "unknown";
  return `${name}, ${memoryMiB} MiB, driver ${driver}, compute capability ${capability}`;
}

/** The one GPU that is checked: the first that is visible. */
export function firstGpu(visible = Deno.env.get("CUDA_VISIBLE_DEVICES")): string {
  return visible === undefined ? "0" : visible.split(",")[0].trim();
}

/** The revision that is checked out; null where git does not tell. */
export async function currentCommit(): Promise<string | null> {
  const folder = fileURLToPath(new URL("../../", import.meta.url));
  const args = ["-C", folder, "describe", "--always", "--dirty", "--exclude=*"];
  const result = await runChild("git", args);
  return result?.success ? lastLine(result.stdout) : null;
}
