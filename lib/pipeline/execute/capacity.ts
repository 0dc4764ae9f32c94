/**
 * What this machine has for jobs, within the limits of the command line.
 *
 * @module
 */
import { PipelineError } from "../base/errors.ts";
import type { Capacity } from "./slots.ts";

/** Reads the capacity. @param jobs CPU slots, as `--jobs` says; all cores if it does not. */
export function capacity(jobs: string | undefined): Capacity {
  const cpus = jobs === undefined ? navigator.hardwareConcurrency : Number(jobs);
  if (!Number.isInteger(cpus) || cpus < 1) {
    throw new PipelineError(`Cannot run as --jobs must be a whole number from 1: it is "${jobs}"`);
  }
  const gpus = Deno.env.get("CUDA_VISIBLE_DEVICES");
  return {
    cpus,
    memory: Deno.systemMemoryInfo().total / 2 ** 30,
    visibleGpus: gpus === undefined ? null : gpus.split(",").filter((name) => name !== ""),
  };
}
