/**
 * How much of a GPU's memory is taken, as its driver says.
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";
import { runChild } from "../../lib/base/child.ts";

/** Memory of a GPU in MiB. */
export interface GpuMemory {
  readonly used: number;
  readonly total: number;
}

const POLL_MS = 200;

/**
 * Asks the driver about the GPU that is visible.
 *
 * @param smi The driver's program.
 * @throws {Error} if it does not tell.
 */
export async function readGpuMemory(
  smi = "nvidia-smi",
  gpu = Deno.env.get("CUDA_VISIBLE_DEVICES") ?? "0",
): Promise<GpuMemory> {
  const query = ["--query-gpu=memory.used,memory.total", "--format=csv,noheader,nounits"];
  const result = await runChild(smi, [...query, `--id=${gpu}`]);
  const [used, total] = (result?.stdout ?? "").split(",").map(Number);
  if (used >= 0 && total > 0) return { used, total };
  throw new Error(
    `Cannot read the GPU's memory as nvidia-smi must print two numbers: current value is ` +
      `"${result?.stdout.trim()}"`,
  );
}

/** Does some work, and finds the most memory that is in use meanwhile, in MiB, by all processes. */
export async function peakWhile<T>(
  work: () => Promise<T>,
  read: () => Promise<GpuMemory> = readGpuMemory,
): Promise<{ result: T; peak: number }> {
  let isDone = false;
  const running = work().finally(() => isDone = true);
  running.catch(() => {}); // awaited below
  let peak = 0;
  while (!isDone) {
    peak = Math.max(peak, (await read()).used);
    await Promise.race([setTimeout(POLL_MS), running.catch(() => {})]);
  }
  return { result: await running, peak };
}
