/**
 * A program that takes the measures of an untrained network on whatever device its environment
 * leaves it, and prints them as JSON. Argument: the sizes, as JSON.
 *
 * @module
 */
import { Augmenter } from "../../lib/augment/policy/augmenter.ts";
import { parsePolicy, type TransformPolicy } from "../../lib/augment/policy/policy.ts";
import { generateTextures } from "../../lib/data/sets/textures.ts";
import { decomposeLoss, type LossDecomposition } from "../../lib/metrics/decomposition.ts";
import { normalizedInvariance } from "../../lib/metrics/invariance.ts";
import { knnProbe } from "../../lib/metrics/knn.ts";
import { linearProbe } from "../../lib/metrics/linear_probe.ts";
import { runtimeMatMul } from "../../lib/metrics/runtime_mat_mul.ts";
import { activations } from "../../lib/nn/network/activations.ts";
import { createEmbedder } from "../../lib/nn/network/embed.ts";
import { type EncoderName, encoders } from "../../lib/nn/network/encoder.ts";
import { createFitMeter } from "../../lib/nn/network/fit.ts";
import { imagesInMemory } from "../../lib/nn/network/images.ts";
import { createNetwork } from "../../lib/nn/network/network.ts";
import { RandomSource } from "../../lib/random/random.ts";
import { openRuntime } from "../../lib/tensorflow/open.ts";

/** What is measured. */
export interface MeasureSizes {
  readonly encoder: EncoderName;
  /** Side of the images. */
  readonly side: number;
  readonly bank: number;
  readonly queries: number;
  /** Samples of which views are compared, of the bank. */
  readonly samples: number;
  /** Views a sample, at least 2. */
  readonly views: number;
}

/** What was measured. */
export interface Measures {
  readonly device: string;
  /** Predictions of the K-NN probe and of the linear probe, a query each. */
  readonly predictions: { readonly knn: number[]; readonly linear: number[] };
  /** The share of the bank's labels that the network itself predicts. */
  readonly fit: number;
  /** By layer. */
  readonly invariance: Readonly<Record<string, number>>;
  readonly decomposition: LossDecomposition;
}

if (import.meta.main) {
  console.log(JSON.stringify(await measure(JSON.parse(Deno.args[0]))));
  Deno.exit(0);
}

async function measure(sizes: MeasureSizes): Promise<Measures> {
  const { encoder, side, bank, queries, samples, views } = sizes;
  const runtime = await openRuntime({ threads: navigator.hardwareConcurrency });
  const matMul = runtimeMatMul(runtime);
  const textures = (split: "train" | "test", count: number) =>
    generateTextures({ seed: 0, split, count, size: side });
  const [train, test] = [textures("train", bank), textures("test", queries)];
  const shape = [side, side, 3] as const;
  const classes = train.classNames.length;
  const config = { encoder: encoders[encoder], hidden: [1024], classes, images: shape };
  const network = createNetwork(runtime, config, new RandomSource(0));
  const embedder = createEmbedder(runtime, network, { batchSize: 64 });
  const at = (values: Uint8Array, layer: string) =>
    activations(embedder, imagesInMemory(values, shape), layer);

  const task = {
    bank: await at(train.images, "embedding"),
    bankLabels: train.labels,
    queries: await at(test.images, "embedding"),
    queryLabels: test.labels,
  };
  const knn = await knnProbe(task, { matMul });
  const linear = await linearProbe(task, { matMul, maxIterations: 100 });
  const fit = createFitMeter(runtime, network, { batchSize: 64 });

  const originals = train.images.subarray(0, samples * side * side * 3);
  const [first, second] = [0, 1].map((view) => viewsOf(originals, side, samples, [view]));
  const invariance: Record<string, number> = {};
  for (const layer of network.layers) {
    const compared = {
      originals: await at(originals, layer),
      first: await at(first, layer),
      second: await at(second, layer),
    };
    const { norm } = await normalizedInvariance(compared, { matMul });
    invariance[layer] = norm.mean;
  }

  const all = viewsOf(originals, side, samples, Array.from({ length: views }, (_, view) => view));
  const targets = new Float32Array(samples * classes);
  for (let i = 0; i < samples; i++) targets[i * classes + train.labels[i]] = 1;
  const { values: outputs } = await at(all, "O");
  return {
    device: runtime.info.device,
    predictions: { knn: [...knn.predictions], linear: [...linear.predictions] },
    fit: await fit.measure(imagesInMemory(train.images, shape), train.labels),
    invariance,
    decomposition: decomposeLoss({ outputs, targets, classes }),
  };
}

/** Views of every sample, sample by sample. */
function viewsOf(
  images: Uint8Array,
  side: number,
  samples: number,
  views: readonly number[],
): Uint8Array {
  const size = { height: side, width: side };
  const policy = parsePolicy("full") as TransformPolicy;
  const random = new RandomSource(0);
  const augmenter = new Augmenter({ policy, random, input: size, output: size });
  const bytes = side * side * 3;
  const values = new Uint8Array(samples * views.length * bytes);
  for (let i = 0; i < samples * views.length; i++) {
    const sample = Math.floor(i / views.length);
    const image = images.subarray(sample * bytes, (sample + 1) * bytes);
    const out = values.subarray(i * bytes, (i + 1) * bytes);
    augmenter.view(image, sample, views[i % views.length], out);
  }
  return values;
}
