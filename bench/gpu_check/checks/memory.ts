/**
 * The memory that a training process takes: that of a GPU, which several runs may share, or, where
 * there is none, the resident set.
 *
 * @module
 */
import { GPU_MEMORY_VARIABLE } from "../../../lib/tensorflow/variables.ts";
import { startSide } from "../../side.ts";
import { atMost, type Check, type Finding, note } from "../check.ts";
import { peakWhile, readGpuMemory } from "../gpu_memory.ts";

const SIZES = {
  full: ["resnet18", "256", "1", "10"],
  reduced: ["narrow", "64", "1", "10"],
};
/** A process that takes this share of the memory, though it needs less, leaves none for others. */
const GREEDY = 0.9;
/** A bound with some room, by what the process takes without one. */
const ROOM = 1.2;
/** A bound at which training cannot go on. */
const TOO_LITTLE = 0.2;
/** What CUDA itself takes for a process, which is no tensor's; in MiB. */
const CUDA_CONTEXT = 1024;

const memory: Check = async ({ scale, say }) => ({
  findings: scale === "full" ? await gpuFindings(say) : await residentFindings(),
});

async function gpuFindings(say: (text: string) => void): Promise<Finding[]> {
  const { used, total } = await readGpuMemory();
  say("without a bound");
  const free = (await peakWhile(() => trainBriefly())).peak - used;
  const share = Math.min(1, ROOM * free / total);
  say(`with a bound of ${percent(share)} of the memory`);
  const bounded = (await peakWhile(() => trainBriefly(share))).peak - used;
  say(`with a bound of ${percent(TOO_LITTLE * share)} of the memory`);
  const outOfMemory = await messageOf(() => trainBriefly(TOO_LITTLE * share));
  return [
    note("in use before, of all processes", used, "MiB"),
    atMost(`peak of a training process, of ${total} MiB`, free, Math.floor(GREEDY * total), "MiB"),
    atMost(
      `peak with a bound of ${percent(share)}`,
      bounded,
      Math.ceil(share * total) + CUDA_CONTEXT,
      "MiB",
    ),
    {
      what: `with a bound of ${percent(TOO_LITTLE * share)}`,
      value: outOfMemory ?? "it trained",
      expected: "it trains in less, or says that memory ran out",
      status: outOfMemory === null || /memory|exhausted|OOM/i.test(outOfMemory) ? "ok" : "problem",
    },
  ];
}

async function residentFindings(): Promise<Finding[]> {
  using side = await startSide("train_side.ts", SIZES.reduced);
  await side.measure();
  const status = await Deno.readTextFile(`/proc/${side.pid}/status`).catch(() => "");
  const kilobytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN);
  return [note("peak resident set of a training process", Math.round(kilobytes / 1024), "MiB")];
}

/** Trains in a process of its own, whose tensors take at most a share of the GPU's memory. */
async function trainBriefly(share?: number): Promise<void> {
  const env: Record<string, string> = share === undefined
    ? {}
    : { [GPU_MEMORY_VARIABLE]: String(share) };
  const side = await startSide("train_side.ts", SIZES.full, { env });
  try {
    await side.measure();
  } finally {
    side[Symbol.dispose]();
    await side.ended;
  }
}

async function messageOf(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export default memory;
