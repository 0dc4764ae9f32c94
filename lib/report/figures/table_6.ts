/**
 * Table 6: hyper-parameters, ours beside the paper's.
 *
 * @module
 */
import { type Condition, mainConditions } from "../input/conditions.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { settingText } from "../render/format.ts";
import type { ReportInput } from "../input/input.ts";

/** What the paper's text (P) and its released code (C) use, by the names of our settings. */
const PAPER: Readonly<Record<string, string>> = {
  dataset: "CIFAR10, CIFAR100, TinyImageNet (P)",
  samples: "all (P)",
  views: "no fixed number (P); Figure 5 varies it",
  augmentation: "none, or a fresh view at every step (P)",
  policy: "random crops, colour jitter, greyscale, flips (P)",
  size: "32; TinyImageNet 64 (P)",
  encoder: "ResNet18 for small images, or VGG (P)",
  projector: "one hidden layer (P), 65536 wide (C)",
  optimiser: "Adam, no weight decay (C)",
  learning_rate: "0.0003 (C)",
  schedule: "constant (C)",
  loss: "mean squared error on one-hot labels (C; Appendix B of P)",
  mixup: "used with augmentation (P), off in the published command (C)",
  batch_size: "256 (C)",
  epochs: "5000 (P), 10000 in the published command (C)",
  evaluate_every: "50 (C)",
  stop_evaluations: "never stops early (C)",
};

/** Hyper-parameters. */
export const table6: FigureDefinition = {
  id: "table-6",
  title: "Hyper-parameters",
  shows: "Every setting of the training runs, beside what the paper's text (P) or its released " +
    "code (C) states.",
  build,
};

function build(input: ReportInput): Figure | null {
  const conditions = mainConditions(input);
  if (conditions.length === 0) return null;
  const names = [
    ...new Set([
      ...Object.keys(input.params),
      ...conditions.flatMap(({ runs }) => Object.keys(runs[0].settings)),
    ]),
  ].filter((name) => !["seed", "seeds", "source"].includes(name));
  const values = names.map((name) =>
    conditions.map((condition) => settingOf(input, condition, name))
  );
  const seeds = [...new Set(conditions.flatMap(({ runs }) => runs.map(({ axes }) => axes.seed)))];
  return {
    description: `${names.length} settings of ${conditions.length} conditions.`,
    table: {
      caption: "Settings of the runs",
      columns: [
        { title: "Setting" },
        ...conditions.map(({ name }) => ({ title: name })),
        { title: "Paper" },
      ],
      rows: [
        ...names.map((name, i) => [
          { text: name },
          ...values[i].map((text) => ({ text })),
          { text: paperSetting(name) },
        ]),
        [
          { text: "seeds" },
          ...conditions.map(({ runs }) => ({
            text: runs.map(({ axes }) => axes.seed).join(", "),
          })),
          { text: "run 42, labels 17 (C)" },
        ],
      ],
    },
    ours: `${names.length} settings, seeds ${seeds.join(", ")}`,
    notes: ["The cells of the paper's Table 6 are not in its text."],
    runs: conditions.flatMap(({ runs }) => runs),
    data: {
      columns: ["setting", ...conditions.map(({ id }) => id), "paper"],
      rows: names.map((name, i) => [name, ...values[i], paperSetting(name)]),
    },
  };
}

/** What the seeds of a condition have in common; all values where they differ. */
function settingOf({ params }: ReportInput, { runs, augmentation }: Condition, name: string) {
  const isOfViews = name === "policy" || name === "views";
  if (isOfViews && augmentation === "none") return "–";
  // Cached views are made by a stage of their own, with the pipeline's policy.
  if (name in params && !(isOfViews && augmentation === "online")) return settingText(params[name]);
  const texts = runs.map(({ settings }) => name in settings ? settingText(settings[name]) : "–");
  return [...new Set(texts)].join(" / ");
}

function paperSetting(name: string): string {
  return PAPER[name] ?? "not stated";
}
