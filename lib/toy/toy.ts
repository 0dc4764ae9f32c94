/**
 * The toy example (paper, Appendix E and Fig. 13): random labels are learned on B views of n samples
 * by a model of known capacity, and the encoder is probed for the true classes of unseen samples.
 *
 * The paper does not state its values; the defaults here make one run take a few seconds and show
 * what the paper describes: with few points the model memorises them and its encoder learns nothing,
 * with many it must suppress the noise that the augmentations change, and probing improves.
 *
 * @module
 */
import type { RandomSource } from "../random/random.ts";
import { knnProbe } from "../metrics/knn.ts";
import {
  drawCentres,
  drawSamples,
  drawViews,
  type ToyDistribution,
  type ToySamples,
} from "./data.ts";
import { drawModel, encode, project, type ToyModel } from "./model.ts";
import { type ToySchedule, type ToyTrainingSet, trainToy } from "./training.ts";

/** Everything that the paper leaves open. */
export interface ToySettings extends ToyDistribution, ToySchedule {
  /** K, the number of prototypes and a bound on the capacity. */
  readonly prototypes: number;
  /**
   * Fresh samples in the probe's bank, and as many again as its queries. The bank does not grow
   * with n, so that only the encoder makes a difference.
   */
  readonly probeSamples: number;
  /** The number of neighbours that vote in the probe. */
  readonly neighbours: number;
}

/** The settings of our Fig. 13. */
export const TOY_DEFAULTS: ToySettings = {
  dimensions: 30,
  signalDimensions: 5,
  classes: 5,
  // The noise drowns much of the signal for a random encoder, none of it for an invariant one.
  sigma: 1.5,
  prototypes: 100,
  steps: 2000,
  batch: 64,
  learningRate: 0.03,
  probeSamples: 500,
  neighbours: 20,
};

/** One point of Fig. 13. */
export interface ToyResult {
  /** K-NN accuracy on true classes with the encoder as drawn (INIT). */
  readonly initialAccuracy: number;
  /** The same after training on random labels. */
  readonly accuracy: number;
  /** The share of the n B training points whose random label the model predicts. */
  readonly fit: number;
  /**
   * The encoder's root-mean-square weight on the noise, relative to that on the signal: about 1 at
   * first, 0 for an encoder that is invariant to the augmentations.
   */
  readonly noiseGain: number;
}

/**
 * Runs the toy example once.
 *
 * @param size n samples with B fixed views each; all views of a sample share its random label.
 * @param random The root of all draws: one seed is one problem and one initial model.
 * @param settings What differs from {@link TOY_DEFAULTS}.
 */
export async function runToy(
  size: { samples: number; views: number },
  random: RandomSource,
  settings: Partial<ToySettings> = {},
): Promise<ToyResult> {
  const all = { ...TOY_DEFAULTS, ...settings };
  const centres = drawCentres(all, random.stream("toy centres"));
  const draw = (purpose: string, count: number) =>
    drawSamples(all, centres, count, random.stream(`toy ${purpose}`));
  const training = drawTrainingSet(draw("training", size.samples), size.views, all, random);
  const bank = draw("bank", all.probeSamples), queries = draw("queries", all.probeSamples);
  const model = drawModel(training.rows, all, random.stream("toy model"));

  const initialAccuracy = await probe(model, bank, queries, all.neighbours);
  trainToy(model, training, all, random.stream("toy batches"));
  return {
    initialAccuracy,
    accuracy: await probe(model, bank, queries, all.neighbours),
    fit: measureFit(model, training),
    noiseGain: measureNoiseGain(model, all.signalDimensions),
  };
}

function drawTrainingSet(
  samples: ToySamples,
  views: number,
  settings: ToySettings,
  random: RandomSource,
): ToyTrainingSet {
  const stream = random.stream("toy labels");
  const sampleLabels = samples.labels.map(() => stream.integer(settings.classes));
  const rows = drawViews(settings, samples.features, views, random.stream("toy views"));
  const labels = Int32Array.from(
    { length: rows.rows },
    (_, row) => sampleLabels[Math.floor(row / views)],
  );
  return { rows, labels };
}

async function probe(
  model: ToyModel,
  bank: ToySamples,
  queries: ToySamples,
  neighbours: number,
): Promise<number> {
  const { accuracy } = await knnProbe({
    bank: encode(model, bank.features),
    bankLabels: bank.labels,
    queries: encode(model, queries.features),
    queryLabels: queries.labels,
  }, { neighbours });
  return accuracy;
}

function measureFit(model: ToyModel, { rows, labels }: ToyTrainingSet): number {
  let hits = 0;
  for (let row = 0; row < rows.rows; row++) {
    const outputs = project(model, rows, row);
    if (outputs.indexOf(outputs.reduce((a, b) => Math.max(a, b))) === labels[row]) hits++;
  }
  return hits / rows.rows;
}

function measureNoiseGain({ parameters, dimensions }: ToyModel, signalDimensions: number): number {
  let signal = 0, noise = 0;
  for (let i = 0; i < dimensions ** 2; i++) {
    if (i % dimensions < signalDimensions) signal += parameters[i] ** 2;
    else noise += parameters[i] ** 2;
  }
  const noiseDimensions = dimensions - signalDimensions;
  return Math.sqrt((noise / noiseDimensions) / (signal / signalDimensions));
}
