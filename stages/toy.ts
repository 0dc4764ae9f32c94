/**
 * The toy example (Appendix E, Fig. 13): what an encoder learns from random labels as the number of
 * samples and of their views grows beyond what its projector can memorise.
 *
 * @module
 */
import { z } from "zod";
import { toySchema } from "../lib/tables/schemas.ts";
import { runToy, TOY_DEFAULTS } from "../lib/toy/toy.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";
import { RandomSource } from "../lib/random/random.ts";

const counts = z.array(z.int().min(1)).min(1);

export default defineStage({
  description: "Trains the toy example on random labels and probes its encoder",
  params: z.object({
    samples: counts.default([10, 30, 100, 300]).describe("n, the numbers of samples to try"),
    views: counts.default([1, 4, 16, 64]).describe("B, the numbers of views to try"),
    dimensions: z.int().min(2).default(TOY_DEFAULTS.dimensions).describe(
      "d, the dimension of a sample",
    ),
    signal_dimensions: z.int().min(1).default(TOY_DEFAULTS.signalDimensions).describe(
      "d1, the coordinates that carry the class",
    ),
    classes: z.int().min(2).default(TOY_DEFAULTS.classes).describe("C, the number of classes"),
    sigma: z.number().positive().default(TOY_DEFAULTS.sigma).describe(
      "Standard deviation of the noise and of the augmentation",
    ),
    prototypes: z.int().min(1).default(TOY_DEFAULTS.prototypes).describe(
      "K, the number of prototypes, which bounds the capacity",
    ),
    steps: z.int().min(0).default(TOY_DEFAULTS.steps).describe("Updates of a run"),
    batch: z.int().min(1).default(TOY_DEFAULTS.batch).describe("Points an update"),
    learning_rate: z.number().positive().default(TOY_DEFAULTS.learningRate).describe(
      "Learning rate of the first update",
    ),
    probe_samples: z.int().min(1).default(TOY_DEFAULTS.probeSamples).describe(
      "Samples of the probe's bank, and as many queries",
    ),
  }),
  inputs: {},
  outputs: { toy: committed(toySchema) },
  async run({ params, outputs, seed, progress, signal }) {
    const settings = {
      dimensions: params.dimensions,
      signalDimensions: params.signal_dimensions,
      classes: params.classes,
      sigma: params.sigma,
      prototypes: params.prototypes,
      steps: params.steps,
      batch: params.batch,
      learningRate: params.learning_rate,
      probeSamples: params.probe_samples,
    };
    const sizes = params.samples.flatMap((samples) =>
      params.views.map((views) => ({ samples, views }))
    );
    for (const [i, size] of sizes.entries()) {
      signal.throwIfAborted();
      progress(i / sizes.length, `n = ${size.samples}, B = ${size.views}`);
      const result = await runToy(size, new RandomSource(seed), settings);
      outputs.toy.append({
        samples: Int32Array.of(size.samples),
        views: Int32Array.of(size.views),
        initial_accuracy: Float64Array.of(result.initialAccuracy),
        accuracy: Float64Array.of(result.accuracy),
        fit: Float64Array.of(result.fit),
        noise_gain: Float64Array.of(result.noiseGain),
      });
    }
  },
});
