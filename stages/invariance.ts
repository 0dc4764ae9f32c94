/**
 * Normalised invariance (Eq. 2) of every layer of a trained network.
 *
 * @module
 */
import { z } from "zod";
import {
  imageSchema,
  invarianceSchema,
  labelSchema,
  snapshotSchema,
} from "../lib/tables/schemas.ts";
import { Augmenter } from "../lib/augment/policy/augmenter.ts";
import { parseTransformPolicy, type TransformPolicy } from "../lib/augment/policy/policy.ts";
import { transformPolicyParam } from "../lib/augment/policy/policy_param.ts";
import { type InvarianceResult, normalizedInvariance } from "../lib/metrics/invariance.ts";
import { runtimeMatMul } from "../lib/metrics/runtime_mat_mul.ts";
import { EMBEDDING } from "../lib/tables/layer_names.ts";
import { layerActivations } from "../lib/nn/network/activations.ts";
import { bytesPerImage, imagesInMemory, type ImageSource } from "../lib/nn/network/images.ts";
import { Snapshots } from "../lib/nn/training/snapshots.ts";
import { imagesOf } from "../lib/nn/training/view_table.ts";
import { committed, defineStage } from "../lib/pipeline/stage/stage.ts";
import { RandomSource } from "../lib/random/random.ts";

/** The number of views that T1 and T2 are; no training run draws views of these numbers. */
const FIRST_VIEW = 2 ** 31;

export default defineStage({
  description: "Measures how invariant every layer is to augmentation (Eq. 2)",
  params: z.object({
    policy: transformPolicyParam.default("full").describe(
      "The augmentations T1 and T2 are drawn from",
    ),
    samples: z.int().min(2).default(128).describe("Training images that are averaged over"),
    pairs: z.int().min(1).default(2).describe("Pairs of views a sample"),
    epochs: z.array(z.int().min(0)).nullable().default(null).describe(
      "Epochs to measure (null: all that were kept; the last one always)",
    ),
  }),
  inputs: {
    snapshots: snapshotSchema,
    labels: labelSchema.pick("index"),
    images: imageSchema.pick("index", "image"),
  },
  outputs: { invariance: committed(invarianceSchema) },
  requires: ["tensorflow"],
  resources: { gpu: 1 },
  async run({ params, inputs, outputs, seed, ...context }) {
    const { openRuntime } = await import("../lib/tensorflow/open.ts");
    using runtime = await openRuntime({ threads: context.threads });
    context.environment(runtime.info);
    const snapshots = new Snapshots(inputs.snapshots);
    const index = inputs.labels.column("index").subarray(0, params.samples);
    const originals = imagesOf(inputs.images, index, snapshots.config.images[0]);
    const policy = parseTransformPolicy(params.policy);
    const [firsts, seconds] = [0, 1].map((side) =>
      Array.from(
        { length: params.pairs },
        (_, pair) => viewsOfAll(originals, index, policy, seed, FIRST_VIEW + 2 * pair + side),
      )
    );
    const matMul = runtimeMatMul(runtime);
    const epochs = snapshots.choose(params.epochs);
    const networks = snapshots.networks(runtime, epochs, context, {
      batchSize: Math.min(128, index.length),
    });
    for (const { epoch, isLast, layers, embedder } of networks) {
      const at = (images: ImageSource) => layerActivations(embedder, images, layers);
      const still = await at(originals);
      const resultsOf = new Map(layers.map((layer): [string, InvarianceResult[]] => [layer, []]));
      for (let pair = 0; pair < params.pairs; pair++) {
        const [first, second] = [await at(firsts[pair]), await at(seconds[pair])];
        for (const [layer, results] of resultsOf) {
          const [original, one, other] = [still, first, second].map((all) => all.get(layer)!);
          const compared = { originals: original, first: one, second: other };
          results.push(await normalizedInvariance(compared, { matMul }));
        }
      }
      for (const [depth, layer] of layers.entries()) {
        const results = resultsOf.get(layer)!;
        const invariance = mean(results.map(({ norm }) => norm.mean));
        const squared = mean(results.map(({ squaredNorm }) => squaredNorm.mean));
        outputs.invariance.append({
          epoch: Int32Array.of(epoch),
          layer: [layer],
          depth: Int32Array.of(depth),
          invariance: Float64Array.of(invariance),
          invariance_squared: Float64Array.of(squared),
          samples: Int32Array.of(index.length),
        });
        if (isLast && layer === EMBEDDING) context.metrics({ invariance });
      }
    }
  },
});

/** One view of every image. */
function viewsOfAll(
  images: ImageSource,
  index: Int32Array,
  policy: TransformPolicy,
  seed: number,
  view: number,
): ImageSource {
  const [height, width] = images.shape;
  const size = { height, width };
  const random = new RandomSource(seed);
  const augmenter = new Augmenter({ policy, random, input: size, output: size });
  const bytes = bytesPerImage(images.shape);
  const values = new Uint8Array(images.count * bytes);
  index.forEach((sample, row) => {
    const image = images.read(row, 1) as Uint8Array;
    augmenter.view(image, sample, view, values.subarray(row * bytes, (row + 1) * bytes));
  });
  return imagesInMemory(values, images.shape);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
