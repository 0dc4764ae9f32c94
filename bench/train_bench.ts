/**
 * The time of a training step against PyTorch's: uint8 images in, updated parameters out, with
 * Adam and mean squared error. Both sides are processes of their own that take turns, so that
 * whatever else the machine does hits both; the ratio is the median of the rounds' ratios.
 *
 * @module
 */
import { Baseline, type Bench, compare, type Measurement } from "./bench.ts";
import { startSide } from "./side.ts";

/** What is measured, on both sides. */
interface Setting {
  readonly bench: string;
  readonly network: "narrow8" | "narrow" | "resnet18";
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
  // As the embedded experiment trains.
  { bench: "train-narrow8", ...narrow, network: "narrow8", batchSize: 64, stepsPerRound: 64 },
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
  using side = await startSide("train_side.ts", sizes);
  const ours = async () => Number(await side.measure());
  const absent = `PyTorch, ${mode}, channels_last, fused Adam, ${threads} thread(s)`;
  const baseline = await Baseline.python(absent, "torch_train.py", [...sizes, mode]);
  using _ = baseline instanceof Baseline ? baseline : null;
  const note = `${side.description}; batch ${batchSize}`;
  return await compare({ bench, rounds, ours, baseline, note });
}
