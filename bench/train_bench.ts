/**
 * The time of a training step against PyTorch's: uint8 images in, updated parameters out, with
 * Adam and mean squared error. Both sides are processes of their own that take turns, so that
 * whatever else the machine does hits both; the ratio is the median of the rounds' ratios.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Baseline, type Bench, compare, type Measurement } from "./bench.ts";

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
  const sizes = [network, batchSize, threads, stepsPerRound].map(String);
  using ours = await startOurs(sizes);
  const absent = `PyTorch, ${mode}, channels_last, fused Adam, ${threads} thread(s)`;
  const baseline = await Baseline.python(absent, "torch_train.py", [...sizes, mode]);
  using _ = baseline instanceof Baseline ? baseline : null;
  const note = `${ours.description}; batch ${batchSize}`;
  return await compare({ bench, rounds, ours: ours.measure, baseline, note });
}

interface Ours extends Disposable {
  readonly description: string;
  /** Trains for a round, and returns the median milliseconds a step. */
  measure(): Promise<number>;
}

/**
 * Starts our side. It is a process of its own, as the library keeps the number of threads with
 * which it was opened first.
 */
async function startOurs(args: readonly string[]): Promise<Ours> {
  const script = fileURLToPath(new URL("train_side.ts", import.meta.url));
  const child = spawn(process.execPath, ["run", "-A", "--quiet", script, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`Cannot measure as ${script} must answer: it ended instead`);
    return value;
  };
  const description = await answer();
  return {
    description,
    async measure() {
      child.stdin.write("\n");
      return Number(await answer());
    },
    [Symbol.dispose]: () => void child.stdin.end(),
  };
}
