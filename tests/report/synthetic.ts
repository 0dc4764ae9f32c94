/**
 * Inputs that look like a real run's: made by formulas from a seed, for tests.
 *
 * @module
 */
import { RandomSource, type RandomStream } from "../../lib/random/random.ts";
import type {
  Claim,
  HistoryRow,
  InvarianceRow,
  PredictionRow,
  ProbeRow,
  ReportInput,
  Run,
} from "../../lib/report/mod.ts";

export const LAYERS = ["stem", "layer1", "layer2", "layer3", "embedding", "P", "O"];
const EMBEDDING_DEPTH = 4;
const CLASSES = ["stripes", "rings", "dots", "grid"];
const CHANCE = 0.25;
const TEST_IMAGES = 40;

/** What a condition's runs come to. */
export interface Story {
  readonly labels: string;
  readonly augmentation: string;
  readonly epochs: number;
  /** K-NN accuracy of the embedding at the end. */
  readonly knn: number;
  /** Share of the training labels that is fitted. */
  readonly fit: number;
}

/** The paper's story, in short. */
export const STORIES: readonly Story[] = [
  { labels: "random", augmentation: "none", epochs: 20, knn: 0.29, fit: 1 },
  { labels: "random", augmentation: "cached", epochs: 800, knn: 0.61, fit: 0.997 },
  { labels: "clean", augmentation: "none", epochs: 30, knn: 0.68, fit: 1 },
  { labels: "clean", augmentation: "cached", epochs: 400, knn: 0.88, fit: 0.995 },
];

const INIT = 0.3;

/** A whole input. */
export function syntheticInput(
  { stories = STORIES, seeds = [0, 1, 2], claims = [] }: {
    stories?: readonly Story[];
    seeds?: readonly number[];
    claims?: readonly Claim[];
  } = {},
): ReportInput {
  return {
    title: "Benign memorization, embedded experiment",
    profile: null,
    command: "deno task pipeline",
    params: { dataset: "textures", views: 192, policy: "full(0.2)", seeds },
    runs: stories.flatMap((story) => seeds.map((seed) => syntheticRun(story, seed))),
    datasheet: ["train", "test"].flatMap((split) =>
      CLASSES.map((name) => ({
        split,
        class: name,
        images: split === "train" ? 64 : 10,
        red: 0.4,
        green: 0.5,
        blue: 0.6,
        pixel_sha256: key(split),
        label_sha256: key(`labels of ${split}`),
        provenance: "generated for a test",
      }))
    ),
    samples: [0, 1, 2].flatMap((index) =>
      [-1, 0, 1, 2, 3].map((view) => ({
        index,
        view,
        label: index,
        height: 16,
        width: 16,
        pixels: Uint8Array.from(
          { length: 16 * 16 * 3 },
          (_, i) => (i * (index + 3) + 40 * (view + 1)) % 256,
        ),
      }))
    ),
    claims,
  };
}

/** One run; its seed shifts every number a little. */
export function syntheticRun(story: Story, seed: number): Run {
  const { labels, augmentation, epochs } = story;
  const stream = new RandomSource(seed).stream(`${labels}/${augmentation}`);
  const init = INIT + 0.01 * (seed % 3 - 1);
  const snapshots = [0, 0.1, 0.3, 0.6, 1].map((share) => Math.round(share * epochs));
  const end = story.knn + 0.02 * (stream.uniform() - 0.5);
  const knnAt = (epoch: number) => init + (end - init) * rise(epoch / epochs);
  return {
    stage: "train",
    axes: { labels, augmentation, seed: `${seed}` },
    stageKeys: {
      train: key(`train${labels}${augmentation}${seed}`),
      probe: key(`probe${labels}${augmentation}${seed}`),
      invariance: key(`invariance${labels}${augmentation}${seed}`),
    },
    history: historyRows(story, stream, knnAt),
    probe: snapshots.flatMap((epoch, i) =>
      probeRows(story, epoch, knnAt).filter(({ layer }) => i % 2 === 0 || layer === "embedding")
    ),
    predictions: [0, epochs].flatMap((epoch) => predictionRows(epoch, knnAt(epoch))),
    invariance: snapshots.flatMap((epoch) => invarianceRows(story, epoch)),
    cost: {
      trainSeconds: epochs / 10 + seed,
      device: "2 CPU threads",
      versions: { deno: "2.9.6", tensorflow: "2.20.0" },
    },
    settings: {
      encoder: "narrow",
      augmentation,
      policy: "full",
      projector: [2048],
      optimiser: "adam",
      learning_rate: 0.003,
      schedule: "cosine",
      floor: 0.02,
      loss: "mse",
      mixup: "none",
      batch_size: 32,
      epochs,
      knn_queries: 20,
    },
  };
}

/** Late and sudden, as the paper describes it. */
function rise(share: number): number {
  return share ** 2 / (share ** 2 + 0.5 * (1 - share) ** 2);
}

function historyRows(
  { epochs, fit, augmentation }: Story,
  stream: RandomStream,
  knnAt: (epoch: number) => number,
): HistoryRow[] {
  const count = augmentation === "none" ? 10 : 40;
  return Array.from({ length: count + 1 }, (_, i) => {
    const epoch = Math.round(i * epochs / count);
    const share = epoch / epochs;
    return {
      epoch,
      step: 8 * epoch,
      loss: epoch === 0 ? NaN : 1.2 * Math.exp(-5 * share) * (0.9 + 0.2 * stream.uniform()),
      accuracy: CHANCE + (fit - CHANCE) * share ** 0.7,
      knn: knnAt(epoch),
      learning_rate: 0.003,
      seconds: epoch / 10,
    };
  });
}

function probeRows(
  { labels, augmentation, epochs, fit }: Story,
  epoch: number,
  knnAt: (epoch: number) => number,
): ProbeRow[] {
  const share = rise(epoch / epochs);
  return LAYERS.flatMap((layer, depth) => {
    const towards = Math.min(1, (depth + 1) / (EMBEDDING_DEPTH + 1));
    const clean = depth <= EMBEDDING_DEPTH
      ? knnAt(0) + (knnAt(epoch) - knnAt(0)) * towards
      : labels === "clean"
      ? knnAt(epoch)
      : CHANCE + (depth === 5 ? 0.1 : 0.01) + 0.03 * (1 - share);
    const memory = depth <= EMBEDDING_DEPTH
      ? (augmentation === "none" ? 0.6 * towards : 0.01)
      : depth === 5
      ? 0.7
      : 1;
    const noisy = CHANCE + (fit - CHANCE) * memory * share;
    return [
      { epoch, layer, depth, bank: "clean", accuracy: clean, chance: CHANCE, queries: TEST_IMAGES },
      { epoch, layer, depth, bank: "noisy", accuracy: noisy, chance: CHANCE, queries: 192 },
    ];
  });
}

function predictionRows(epoch: number, accuracy: number): PredictionRow[] {
  return Array.from({ length: TEST_IMAGES }, (_, index) => {
    const label = index % CLASSES.length;
    const right = (index + 0.5) / TEST_IMAGES < accuracy;
    return { epoch, index, label, predicted: right ? label : (label + 1) % CLASSES.length };
  });
}

function invarianceRows({ augmentation, epochs }: Story, epoch: number): InvarianceRow[] {
  const share = rise(epoch / epochs);
  return LAYERS.map((layer, depth) => {
    const fall = augmentation === "none" ? 0.05 : 0.6 * (depth + 1) / LAYERS.length;
    const invariance = 0.85 + 0.01 * depth - fall * share;
    return { epoch, layer, depth, invariance, invariance_squared: invariance ** 2, samples: 192 };
  });
}

/** 64 hexadecimal digits that depend on the text. */
function key(text: string): string {
  const stream = new RandomSource(1).stream(text);
  return Array.from({ length: 64 }, () => stream.integer(16).toString(16)).join("");
}
