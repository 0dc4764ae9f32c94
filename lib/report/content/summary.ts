/**
 * The headline: numbers for programs, sentences for a reader in a hurry. The sentences are chosen
 * by the numbers and say as plainly when these do not support the paper.
 *
 * @module
 */
import {
  benignCondition,
  type Condition,
  findCondition,
  mainConditions,
} from "../input/conditions.ts";
import { type Estimate, estimate, estimateShare } from "../render/estimate.ts";
import { datasetName } from "../figures/table_2.ts";
import { estimateText, percent, points } from "../render/format.ts";
import { initBySeed, initExcess, NEGLIGIBLE } from "../input/init.ts";
import type { ReportInput } from "../input/input.ts";
import {
  EMBEDDING,
  finalFit,
  finalKnn,
  initKnn,
  lastEpoch,
  layersOf,
  probeRow,
} from "../input/measures.ts";

/** Definition 4.1 calls it memorization if the labels are fitted perfectly; this share counts so. */
const PERFECT = 0.99;

/** Percent with the ends of the 95 % interval; `null` for a single seed. */
interface Headline {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** The content of summary.json: `knn` and `fit` by condition, K-NN of INIT, and what it took. */
export function summaryJson(input: ReportInput): string {
  const conditions = mainConditions(input);
  const byCondition = (value: (condition: Condition) => number[]) =>
    Object.fromEntries(conditions.map((each) => [each.id, toHeadline(estimateShare(value(each)))]));
  const summary = {
    knn: {
      ...(conditions.length > 0 && { init: toHeadline(estimateShare(initBySeed(input))) }),
      ...byCondition(({ runs }) => runs.map(finalKnn)),
    },
    fit: byCondition(({ runs }) => runs.map(finalFit)),
    dataset: datasetName(input),
    device: devices(input).join(", "),
    seconds: Math.round(trainSeconds(input)),
  };
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/** Three sentences: with augmentation, without, and where in the network. */
export function summarySentences(input: ReportInput): string[] {
  const benign = benignCondition(input);
  const malign = findCondition(input, "random_none");
  const negligible = NEGLIGIBLE * initExcess(input);
  return [
    benign === undefined
      ? "No run with random labels and augmentation exists, so this report cannot speak of benign " +
        "memorization."
      : memorizationSentence(benign, negligible),
    malign === undefined
      ? "Random labels without augmentation were not run."
      : memorizationSentence(malign, negligible),
    ...(benign === undefined ? [] : [layerSentence(benign, negligible)]),
  ];
}

/** The devices that trained, each once. */
export function devices({ runs }: ReportInput): string[] {
  return [...new Set(runs.map(({ cost }) => cost.device))].sort();
}

/** Seconds of training of all runs together. */
export function trainSeconds({ runs }: ReportInput): number {
  return runs.reduce((sum, { cost }) => sum + cost.trainSeconds, 0);
}

function toHeadline({ mean, low, high, n }: Estimate): Headline {
  const rounded = (share: number) => Number(percent(share));
  return {
    mean: rounded(mean),
    low: low === null ? null : rounded(low),
    high: high === null ? null : rounded(high),
    n,
  };
}

function memorizationSentence({ name, runs }: Condition, negligible: number): string {
  const fit = estimateShare(runs.map(finalFit));
  const gain = estimate(runs.map((run) => finalKnn(run) - initKnn(run)));
  const interval = gain.low === null || gain.high === null
    ? "one seed, no interval"
    : `95 % interval ${points(gain.low)} to ${points(gain.high)}`;
  return `${name}: the network fits ${percent(fit.mean)} % of its training labels, and K-NN ` +
    `probing of its embedding reaches ${
      estimateText(estimateShare(runs.map(finalKnn)))
    }, which is ` +
    `${points(gain.mean)} points against the untrained network (${interval}): ` +
    `${judgement(fit, gain, negligible)}.`;
}

/** The words of Definition 4.1, where the interval allows one; a negligible gain is none. */
function judgement(fit: Estimate, gain: Estimate, negligible: number): string {
  const fitted = fit.values.every((value) => value >= PERFECT);
  if (gain.low === null || gain.high === null) return "too little data for a verdict";
  if (gain.low > negligible) {
    return fitted
      ? "benign memorization"
      : "useful features, though not a memorization, as the fit is not perfect";
  }
  if (gain.high < negligible) {
    return fitted
      ? "malign memorization"
      : "no useful features, nor a memorization, as the fit is not perfect";
  }
  return `undecided, as the interval reaches across ${points(negligible)} points`;
}

function layerSentence({ runs }: Condition, negligible: number): string {
  const output = layersOf(runs[0]).at(-1)!.layer;
  const at = (bank: "clean" | "noisy", layer: string) =>
    runs.map((run) => probeRow(run, { bank, layer, epoch: lastEpoch(run) })?.accuracy ?? NaN);
  const clean = [at("clean", EMBEDDING), at("clean", output)];
  const noisy = [at("noisy", EMBEDDING), at("noisy", output)];
  const chance = probeRow(runs[0], { bank: "noisy", layer: EMBEDDING, epoch: lastEpoch(runs[0]) })
    ?.chance ?? NaN;
  const [from, to] = [clean, noisy].map((pair) =>
    pair.map((values) => percent(estimate(values).mean))
  );
  return `From embedding to output, clean probing goes from ${from[0]} to ${from[1]} % and noisy ` +
    `probing from ${to[0]} to ${to[1]} %: ${
      layerJudgement({
        gain: estimate(runs.map((run) => finalKnn(run) - initKnn(run))),
        fall: estimate(clean[0].map((value, i) => value - clean[1][i])),
        rise: estimate(noisy[1].map((value, i) => value - noisy[0][i])),
        leak: estimate(noisy[0].map((value) => value - chance)),
        lead: estimate(noisy[0].map((value, i) => noisy[1][i] - value - (value - chance))),
      }, negligible)
    }.`;
}

/**
 * Features in the embedding, their fall in the projector, the rise of memory there, how much of it
 * shows in the embedding already (noisy probing above chance), and by how much the rise exceeds
 * that, over seeds.
 */
function layerJudgement(
  { gain, fall, rise, leak, lead }: Record<"gain" | "fall" | "rise" | "leak" | "lead", Estimate>,
  negligible: number,
): string {
  if (
    gain.low === null || fall.low === null || rise.low === null || leak.low === null ||
    lead.low === null
  ) return "too little data for a verdict";
  if (gain.low <= negligible) return "without features in the embedding nothing is separated";
  if (fall.low <= negligible || rise.low <= negligible) {
    return "the projector does not separate noise from signal as the paper describes";
  }
  if (leak.low <= negligible) {
    return "features are in the encoder, the memorised labels in the projector";
  }
  return lead.low > 0
    ? "the projector gives up the features and does most of the memorising; other than in the " +
      "paper, some of it is done in the encoder"
    : "the projector gives up the features and completes the memory of the labels, which, other " +
      "than in the paper, begins in the encoder";
}
