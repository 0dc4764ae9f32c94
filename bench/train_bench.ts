/**
 * The time of a training step against PyTorch's: uint8 images in, updated parameters out, with
 * Adam and mean squared error. Both sides are processes of their own that take turns, so that
 * whatever else the machine does hits both; the ratio is the median of the rounds' ratios.
 *
 * @module
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Bench, Measurement } from "./bench.ts";

/** What is measured, on both sides. */
interface Setting {
  readonly bench: string;
  readonly network: "narrow" | "resnet18";
  readonly batchSize: number;
  readonly threads: number;
  /** PyTorch's mode; "eager" means channels_last and fused Adam, its best eager setting. */
  readonly mode: "eager" | "compile";
  readonly stepsPerRound: number;
}

const narrow = {
  network: "narrow",
  batchSize: 128,
  threads: 1,
  mode: "eager",
  stepsPerRound: 16,
} as const;
const resnet18 = {
  network: "resnet18",
  batchSize: 32,
  threads: 1,
  mode: "eager",
  stepsPerRound: 2,
} as const;

const settings: readonly Setting[] = [
  { bench: "train-narrow", ...narrow },
  { bench: "train-narrow/batch-32", ...narrow, batchSize: 32, stepsPerRound: 64 },
  { bench: "train-narrow/compile", ...narrow, mode: "compile" },
  { bench: "train-narrow/threads-2", ...narrow, threads: 2 },
  { bench: "train-resnet18", ...resnet18 },
  { bench: "train-resnet18/compile", ...resnet18, mode: "compile" },
  { bench: "train-resnet18/threads-2", ...resnet18, threads: 2 },
];

export const benches: Bench[] = settings.map((setting) => ({
  name: setting.bench,
  run: async ({ rounds }) => [await measure(setting, rounds)],
}));

async function measure(setting: Setting, rounds: number): Promise<Measurement> {
  const { bench, network, batchSize, threads, mode, stepsPerRound } = setting;
  const sizes = [network, `${batchSize}`, `${threads}`];
  const ours = await Side.start(Deno.execPath(), "train_side.ts", sizes);
  const python = Deno.env.get("BENCH_PYTHON");
  const theirs = python === undefined
    ? "BENCH_PYTHON is not set"
    : await Side.start(python, "baselines/torch_train.py", [...sizes, mode])
      .catch((error: Error) => error.message);
  try {
    const times: { ours: number; theirs: number | null }[] = [];
    for (let round = 0; round < rounds; round++) {
      times.push({
        ours: await ours.run(stepsPerRound),
        theirs: theirs instanceof Side ? await theirs.run(stepsPerRound) : null,
      });
    }
    const absent = theirs instanceof Side ? undefined : theirs;
    return {
      bench,
      ours: median(times.map((time) => time.ours)),
      baseline: theirs instanceof Side ? theirs.description : `PyTorch ${mode} (absent)`,
      theirs: absent ? null : median(times.map((time) => time.theirs!)),
      ratio: absent ? null : median(times.map((time) => time.ours / time.theirs!)),
      rounds,
      note: absent ?? `${ours.description}; batch ${batchSize}`,
    };
  } finally {
    ours.stop();
    if (theirs instanceof Side) theirs.stop();
  }
}

/**
 * A process that trains on request: it prints what it is when it is ready, and then for each line
 * with a number of steps the median milliseconds a step.
 */
class Side {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
    readonly description: string,
  ) {}

  static async start(command: string, script: string, args: string[]): Promise<Side> {
    // Idle OpenMP threads of one side would otherwise spin while the other one is measured.
    const env = { ...process.env, OMP_WAIT_POLICY: "PASSIVE" };
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = spawn(command, [
      ...command === Deno.execPath() ? ["run", "-A", "--quiet"] : [],
      path,
      ...args,
    ], {
      stdio: ["pipe", "pipe", "ignore"],
      env,
    });
    child.on("error", () => child.stdout.destroy());
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${script} did not start`);
    return new Side(child, lines, value);
  }

  async run(steps: number): Promise<number> {
    this.child.stdin.write(`${steps}\n`);
    const { value } = await this.lines.next();
    const milliseconds = Number(value);
    if (!(milliseconds > 0)) {
      throw new Error(`Cannot measure as ${this.description} must answer in ms: it said ${value}`);
    }
    return milliseconds;
  }

  stop(): void {
    this.child.stdin.end();
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
