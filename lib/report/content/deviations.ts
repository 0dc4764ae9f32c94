/**
 * Where a report's runs differ from the paper's.
 *
 * @module
 */
import { mainConditions } from "../input/conditions.ts";
import { datasetName } from "../figures/table_2.ts";
import { listText, settingText } from "../render/format.ts";
import type { ReportInput } from "../input/input.ts";
import type { ViewTable } from "../render/view_table.ts";

/** One difference. */
export interface Deviation {
  readonly subject: string;
  readonly paper: string;
  readonly here: string;
}

/** The differences as a table. */
export function deviationsTable(input: ReportInput): ViewTable {
  return {
    caption: "What is done differently from the paper",
    columns: [{ title: "Subject" }, { title: "Paper" }, { title: "Here" }],
    rows: deviations(input).map(({ subject, paper, here }) =>
      [subject, paper, here].map((text) => ({ text }))
    ),
  };
}

/** ", of which each seed draws 320 to train on". */
function drawnText({ params: { samples } }: ReportInput): string {
  return typeof samples === "number" ? `; each seed draws ${samples} to train on` : "";
}

/** The differences, from the runs' own settings where these tell. */
export function deviations(input: ReportInput): Deviation[] {
  const conditions = mainConditions(input);
  const augmentations = new Set(conditions.map(({ augmentation }) => augmentation));
  const seeds = [...new Set(conditions.flatMap(({ runs }) => runs.map(({ axes }) => axes.seed)))];
  const setting = (name: string) => settingsOf(input, name);
  const list: (Deviation | null)[] = [
    /^cifar-?10$/i.test(datasetName(input)) ? null : {
      subject: "Data",
      paper: "CIFAR10, CIFAR100, TinyImageNet",
      here: `${datasetName(input)}: ${imageCount(input, "train")} training and ` +
        `${imageCount(input, "test")} test images${drawnText(input)}`,
    },
    difference("Network", "ResNet18 and VGG", setting("encoder"), /^resnet18$/i),
    augmentations.has("cached")
      ? {
        subject: "Augmented views",
        paper: "a fresh transformation at every step",
        here: `a fixed number of views of each image, made beforehand${
          input.params.views === undefined ? "" : ` (B = ${settingText(input.params.views)})`
        }`,
      }
      : null,
    typeof input.params.policy === "string" && input.params.policy !== "full"
      ? {
        subject: "Augmentation",
        paper: "crops from 8 % of the area, flips, colour jitter, greyscale: full",
        here: input.params.policy,
      }
      : null,
    difference("Loss", "mean squared error on one-hot labels", setting("loss"), /^mse$/),
    difference("Mixup", "used with augmentation", setting("mixup"), /paper/),
    difference("Batch", "256", setting("batch_size"), /^256$/),
    difference("Optimiser", "Adam", setting("optimiser"), /^adam$/),
    difference(
      "Learning rate",
      "Adam, 3e-4, constant (released code)",
      setting("learning_rate"),
      /^0\.0003$/,
    ),
    difference("Schedule", "constant", setting("schedule"), /^constant$/),
    difference("Projector", "65536 wide (released code)", setting("projector"), /^65536$/),
    difference("Epochs", "5000 to 10000, whatever the fit", setting("epochs"), /^(5000|10000)$/),
    {
      subject: "Noisy probing",
      paper: "not stated whether a query may be its own neighbour",
      here: "it may not: with itself among 20 neighbours pure noise would score 22 % in 10 classes",
    },
    {
      subject: "Repetitions",
      paper: "not stated; the released code fixes one seed",
      here: `${seeds.length === 1 ? "one seed" : `${seeds.length} seeds`} (${listText(seeds)})`,
    },
  ];
  return list.filter((each) => each !== null);
}

function imageCount({ datasheet }: ReportInput, split: string): number {
  return datasheet.filter((row) => row.split === split).reduce((sum, row) => sum + row.images, 0);
}

/** `null` where the setting is unknown or as in the paper. */
function difference(
  subject: string,
  paper: string,
  here: string | undefined,
  same?: RegExp,
): Deviation | null {
  return here === undefined || same?.test(here) ? null : { subject, paper, here };
}

/** The values of a setting over all conditions. */
function settingsOf(input: ReportInput, name: string): string | undefined {
  const values = mainConditions(input).flatMap(({ runs }) => runs[0].settings[name] ?? []);
  const texts = [...new Set([values].flat().map(settingText))];
  return texts.length === 0 ? undefined : texts.join(" / ");
}
