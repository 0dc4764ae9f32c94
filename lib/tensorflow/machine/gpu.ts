/**
 * What NVIDIA's driver says about this machine's GPUs, and whether TensorFlow can use them.
 *
 * @module
 */
import { lastLine, runChild } from "../../base/child.ts";
import { GPU_MEMORY_VARIABLE } from "../variables.ts";

/** One GPU as `nvidia-smi` describes it. */
export interface Gpu {
  readonly name: string;
  /** The driver's version, e.g. "550.54.15". */
  readonly driver: string;
  readonly memoryMiB: number;
  /** Compute capability, e.g. 8.6; null where the driver cannot tell. */
  readonly computeCapability: number | null;
}

/** Whether there are GPUs that TensorFlow can use. */
export type GpuState =
  | { readonly kind: "none" }
  | { readonly kind: "unusable"; readonly reason: string; readonly remedy: string }
  | { readonly kind: "usable"; readonly gpus: readonly Gpu[]; readonly note: string | null };

/** TensorFlow 2.21 is built for CUDA 12.5, which by minor-version compatibility needs this driver. */
const OLDEST_DRIVER = [525, 60] as const;
/** Its kernels are compiled for compute capability 6.0, 7.0, 8.0, 8.9 and, as PTX, 9.0. */
const OLDEST_CAPABILITY = 6.0;
/** Above this, the driver compiles the PTX of 9.0 itself, and keeps the result. */
const NEWEST_COMPILED_CAPABILITY = 9.0;

const QUERY = ["--query-gpu=name,driver_version,memory.total,compute_cap", "--format=csv,noheader"];
const SMI_TIMEOUT_MS = 10_000;

/** Where {@link detectGpus} looks. */
export interface DetectOptions {
  /** @default {"nvidia-smi"} */
  smi?: string;
  /** @default {"/proc/driver/nvidia/version"} */
  driverFile?: string;
  /** The value of CUDA_VISIBLE_DEVICES, or null where it is not set. @default {the environment's} */
  visible?: string | null;
}

/** Asks the driver which GPUs there are and judges whether TensorFlow can use them. */
export async function detectGpus(options: DetectOptions = {}): Promise<GpuState> {
  const {
    smi = "nvidia-smi",
    driverFile = "/proc/driver/nvidia/version",
    visible = Deno.env.get("CUDA_VISIBLE_DEVICES") ?? null,
  } = options;
  if (visible !== null && visibleCount(visible) === 0) return { kind: "none" };
  const result = await runSmi(smi);
  const state = result?.success
    ? judgeGpus(parseSmi(result.stdout))
    : await withoutSmi(driverFile, lastLine(result?.stdout || result?.stderr || ""));
  return visible === null ? state : limitTo(state, visibleCount(visible));
}

/**
 * Reads the share of a GPU's memory that a process may take.
 *
 * @param text The value of {@link GPU_MEMORY_VARIABLE}; nothing means no bound.
 * @throws {RangeError} if it is not a share.
 */
export function parseMemoryShare(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new RangeError(
    `Cannot bound a GPU's memory as ${GPU_MEMORY_VARIABLE} must be a share in (0, 1]: ` +
      `current value is "${text}"`,
  );
}

async function runSmi(smi: string) {
  const signal = AbortSignal.timeout(SMI_TIMEOUT_MS);
  try {
    return await runChild(smi, QUERY, { signal });
  } catch (error) {
    if (signal.aborted) return { success: false, stdout: "", stderr: "nvidia-smi does not answer" };
    throw error;
  }
}

/** Reads what `nvidia-smi` prints: a line a GPU, e.g. "NVIDIA A100-SXM4-40GB, 550.54.15, 40960 MiB, 8.0". */
export function parseSmi(text: string): Gpu[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").map((line) => {
    const [name, driver, memory, capability] = line.split(",").map((field) => field.trim());
    const computeCapability = Number.parseFloat(capability ?? "");
    return {
      name,
      driver,
      memoryMiB: Number.parseInt(memory ?? "", 10) || 0,
      computeCapability: Number.isNaN(computeCapability) ? null : computeCapability,
    };
  });
}

/** The driver's version in the text of /proc/driver/nvidia/version, or null. */
export function parseDriverFile(text: string): string | null {
  return /Kernel Module\s+(?:for \S+\s+)?(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1] ?? null;
}

/** Whether TensorFlow can use these GPUs; those that it cannot are left out. */
export function judgeGpus(gpus: readonly Gpu[]): GpuState {
  if (gpus.length === 0) return { kind: "none" };
  const { driver } = gpus[0];
  if (!isAtLeast(driver, OLDEST_DRIVER)) return oldDriver(driver);
  const usable = gpus.filter(({ computeCapability }) =>
    computeCapability === null || computeCapability >= OLDEST_CAPABILITY
  );
  if (usable.length === 0) {
    const { name, computeCapability } = gpus[0];
    return {
      kind: "unusable",
      reason: `TensorFlow's kernels need compute capability ${OLDEST_CAPABILITY.toFixed(1)} ` +
        `(Pascal, 2016) or later, and ${name} has ${computeCapability?.toFixed(1)}`,
      remedy: "use another GPU; meanwhile the CPU is used",
    };
  }
  return { kind: "usable", gpus: usable, note: newerThanBuild(usable) };
}

function newerThanBuild(gpus: readonly Gpu[]): string | null {
  const newer = gpus.find(({ computeCapability }) =>
    computeCapability !== null && computeCapability > NEWEST_COMPILED_CAPABILITY
  );
  return newer === undefined ? null : `${newer.name} is newer than this TensorFlow: its driver ` +
    "compiles the kernels at the first start, which may take long, once";
}

function oldDriver(driver: string): GpuState {
  return {
    kind: "unusable",
    reason: `TensorFlow needs NVIDIA driver ${OLDEST_DRIVER.join(".")} or later, ` +
      `and this machine has ${driver}`,
    remedy: "update the driver; meanwhile the CPU is used",
  };
}

/** A loaded kernel module without a working `nvidia-smi`, as in containers and after driver updates. */
async function withoutSmi(driverFile: string, problem: string): Promise<GpuState> {
  const driver = await readDriver(driverFile);
  if (driver === null) return { kind: "none" };
  if (!isAtLeast(driver, OLDEST_DRIVER)) return oldDriver(driver);
  return {
    kind: "unusable",
    reason: `NVIDIA driver ${driver} is loaded but nvidia-smi does not work` +
      (problem === "" ? "" : ` (${problem})`),
    remedy:
      "reboot after a driver update, or give the container its GPUs (docker run --gpus all); " +
      "meanwhile the CPU is used",
  };
}

async function readDriver(path: string): Promise<string | null> {
  try {
    return parseDriverFile(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Number of devices that CUDA_VISIBLE_DEVICES names; CUDA ignores what follows a "-1". */
function visibleCount(visible: string): number {
  const names = visible.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const end = names.indexOf("-1");
  return end < 0 ? names.length : end;
}

function limitTo(state: GpuState, count: number): GpuState {
  return state.kind === "usable" ? { ...state, gpus: state.gpus.slice(0, count) } : state;
}

function isAtLeast(version: string, oldest: readonly [number, number]): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
