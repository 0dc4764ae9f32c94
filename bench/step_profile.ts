/**
 * Where a training step's time goes: `deno run -A bench/step_profile.ts NETWORK [BATCH_SIZE]` with
 * `narrow` or `resnet18`, on one thread. oneDNN tells the time and the shapes of each convolution,
 * matrix product and reordering that it carries out; what is left of the step is TensorFlow's own
 * kernels. Rates are set against what a large matrix product reaches in a process like ours. Every time is the least of some steps, as
 * whatever else the machine does only adds to it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openRuntime } from "../lib/tensorflow/open.ts";
import type { Runtime } from "../lib/tensorflow/runtime.ts";

const STEPS = 12;
/** Side of the matrices of the product that shows the core's limit. */
const PRODUCT = 768;
const PRODUCTS = 40;

/** What a kind of operation takes in a step. */
interface Entry {
  ms: number;
  calls: number;
  /** Additions and multiplications; 0 where they are not what the operation is about. */
  operations: number;
}

if (import.meta.main) await main(Deno.args);

async function main([network = "narrow", batchSize = "32"]: string[]): Promise<void> {
  const runtime = await openRuntime({ backend: "tensorflow", threads: 1 });
  const before = measurePeak(runtime);
  const { stepMs, steps } = await traceSteps(network, batchSize);
  const limit = Math.max(before, measurePeak(runtime));
  const entries = summarise(steps);
  console.log(
    `${network}, batch ${batchSize}, 1 thread: ${stepMs.toFixed(1)} ms a step; a matrix product ` +
      `of side ${PRODUCT}: ${limit.toFixed(0)} GFLOP/s`,
  );
  for (const [kind, entry] of entries) console.log(describe(kind, entry, stepMs, limit));
  const traced = [...entries.values()].reduce((sum, { ms }) => sum + ms, 0);
  const rest = { ms: stepMs - traced, calls: 0, operations: 0 };
  console.log(describe("all else (TensorFlow's kernels)", rest, stepMs, limit));
  Deno.exit(0);
}

/** GFLOP/s of a large matrix product on one thread, the best of a few. */
function measurePeak({ tf }: Runtime): number {
  const ones = new Float32Array(PRODUCT ** 2).fill(1);
  const [a, b] = [0, 1].map(() => tf.tensor2d(ones, [PRODUCT, PRODUCT]));
  const rates = Array.from({ length: PRODUCTS }, () => {
    const start = performance.now();
    const product = tf.matMul(a, b);
    product.dataSync();
    product.dispose();
    return 2 * PRODUCT ** 3 / (performance.now() - start) / 1e6;
  });
  tf.dispose([a, b]);
  return Math.max(...rates);
}

/** Trains in a process whose oneDNN reports; the least time of a step and the reports of each. */
async function traceSteps(
  network: string,
  batchSize: string,
): Promise<{ stepMs: number; steps: string[][] }> {
  const script = fileURLToPath(new URL("train_side.ts", import.meta.url));
  const args = ["run", "-A", "--quiet", script, network, batchSize, "1", "1"];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ONEDNN_VERBOSE: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const steps: string[][] = [];
  const times: number[] = [];
  let reports: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("onednn_verbose")) {
      if (line.includes(",exec,")) reports.push(line);
      continue;
    }
    const ms = Number(line);
    if (ms > 0) { // The first line describes the process.
      times.push(ms);
      steps.push(reports);
    }
    reports = [];
    if (times.length === STEPS) child.stdin.end();
    else child.stdin.write("\n");
  }
  return { stepMs: Math.min(...times), steps };
}

/** The kinds of operations, the longest first; all steps do the same in the same order. */
function summarise(steps: readonly string[][]): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  steps[0].forEach((line, place) => {
    const fields = line.split(",");
    const [primitive, , direction] = fields.slice(5);
    const kind = primitive === "convolution" ? `convolution ${direction}` : primitive;
    const entry = entries.get(kind) ?? { ms: 0, calls: 0, operations: 0 };
    entry.ms += Math.min(...steps.map((reports) => Number(reports[place].split(",").at(-1))));
    entry.calls++;
    entry.operations += operationsOf(primitive, fields.at(-2)!);
    entries.set(kind, entry);
  });
  return new Map([...entries].sort(([, a], [, b]) => b.ms - a.ms));
}

/** Of a problem as oneDNN writes it, such as `mb32_ic16oc32_ih16oh8kh3...` or `32x64:64x10`. */
function operationsOf(primitive: string, problem: string): number {
  if (primitive === "convolution") {
    const size = (name: string) => Number(new RegExp(`${name}(\\d+)`).exec(problem)?.[1] ?? 1);
    return ["mb", "ic", "oc", "oh", "ow", "kh", "kw"].map(size)
      .reduce((product, each) => product * each, 2);
  }
  const product = /^(\d+)x(\d+):\d+x(\d+)/.exec(problem);
  return product === null ? 0 : product.slice(1).map(Number).reduce((all, each) => all * each, 2);
}

function describe(kind: string, entry: Entry, stepMs: number, limit: number): string {
  const { ms, calls, operations } = entry;
  const rate = operations / ms / 1e6;
  return [
    kind.padEnd(34),
    `${ms.toFixed(2).padStart(9)} ms`,
    `${(100 * ms / stepMs).toFixed(1).padStart(6)} %`,
    calls > 0 ? `  x${calls}` : "",
    operations > 0
      ? `  ${rate.toFixed(0)} GFLOP/s, ${(100 * rate / limit).toFixed(0)} % of the limit`
      : "",
  ].join("");
}
