/**
 * Precomputes B augmented views of every training image, as the network will see them.
 *
 * @module
 */
import { z } from "zod";
import { imageSchema, sampleSchema, viewSchema } from "../lib/arrow/schemas.ts";
import type { ViewBatch } from "../lib/augment/view_batch.ts";
import { augmentViews } from "../lib/augment/views.ts";
import { iidPools } from "../lib/augment/iid.ts";
import { imageBytes } from "../lib/augment/image.ts";
import { parsePolicy, type TransformPolicy } from "../lib/augment/policy.ts";
import { resizeBilinear } from "../lib/augment/resize.ts";
import { committed, defineStage } from "../lib/pipeline/stage.ts";
import { RandomSource } from "../lib/random/random.ts";

/** How many samples, and how many views of each, the report shows. */
const SHOWN_SAMPLES = 10;
const SHOWN_VIEWS = 7;

export default defineStage({
  description: "Precomputes B augmented views of every training image",
  params: z.object({
    views: z.int().min(1).describe("B, the number of views a sample"),
    policy: z.string().default("full").describe(
      'Augmentation policy: "full", parts such as "crop+flip", "full(0.2)" for crops of at ' +
        'least that area, "randaugment(0.5)", "iid"',
    ),
    size: z.int().min(1).nullable().default(null).describe(
      "Side of the views in pixels (null: that of the images)",
    ),
    samples: z.int().min(1).nullable().default(null).describe(
      "n: make views of the first n samples (null: of all)",
    ),
    samples_per_class: z.int().min(1).default(100).describe(
      'Of policy "iid", the samples of each class that get views; the others are their views',
    ),
  }),
  inputs: { images: imageSchema },
  outputs: { views: viewSchema, sample: committed(sampleSchema) },
  async run({ params, inputs, outputs, seed, threads, progress, signal }) {
    const { views, samples } = params;
    const policy = parsePolicy(params.policy);
    const [height, width] = inputs.images.shapeOf("image");
    const input = { height, width };
    const output = params.size === null ? input : { height: params.size, width: params.size };
    const indices = inputs.images.column("index").subarray(0, samples ?? undefined);
    const labels = inputs.images.column("label");
    const images = inputs.images.column("image").subarray(0, indices.length * imageBytes(input));
    const shapes = { image: [output.height, output.width, 3] };
    const metadata = { label: { class_names: inputs.images.metadataOf("label").class_names } };
    outputs.views.configure({ shapes });
    outputs.sample.configure({ shapes, metadata });
    const resized = (row: number) => {
      const image = images.subarray(row * imageBytes(input), (row + 1) * imageBytes(input));
      return params.size === null ? image : resizeBilinear(image, input, output);
    };
    const shown = Math.min(SHOWN_SAMPLES, indices.length);
    for (let row = 0; row < shown; row++) {
      outputs.sample.append(oneRow(indices[row], -1, labels[row], resized(row)));
    }
    const batches = policy.kind === "iid"
      ? iidBatches(labels, indices, params, seed, resized)
      : augmentViews({
        images,
        indices,
        views,
        policy: policy as TransformPolicy,
        seed,
        input,
        output,
        workers: threads,
      });
    let done = 0;
    const shownRows = new Map(
      indices.subarray(0, shown).entries().map(([row, index]) => [index, row]),
    );
    for await (const batch of batches) {
      signal.throwIfAborted();
      outputs.views.append(batch);
      for (let i = 0; i < batch.index.length; i++) {
        const row = shownRows.get(batch.index[i]);
        if (row === undefined || batch.view[i] >= SHOWN_VIEWS) continue;
        const bytes = imageBytes(output);
        const image = batch.image.subarray(i * bytes, (i + 1) * bytes);
        outputs.sample.append(oneRow(batch.index[i], batch.view[i], labels[row], image));
      }
      done += batch.index.length;
      progress(done / (indices.length * views), `${done} views`);
    }
  },
});

function oneRow(index: number, view: number, label: number, image: Uint8Array) {
  return {
    index: Int32Array.of(index),
    view: Int32Array.of(view),
    label: Int32Array.of(label),
    image,
  };
}

/** Views that are other images of the sample's class (Table 4), one batch a view. */
function* iidBatches(
  labels: Int32Array,
  indices: Int32Array,
  { views, samples_per_class: samplesPerClass }: { views: number; samples_per_class: number },
  seed: number,
  image: (row: number) => Uint8Array,
): Generator<ViewBatch> {
  const pools = iidPools(labels.subarray(0, indices.length), new RandomSource(seed), {
    views,
    samplesPerClass,
  });
  for (let view = 0; view < views; view++) {
    const rows = Array.from({ length: pools.samples }, (_, s) => pools.rows[s * views + view]);
    const pictures = rows.map(image);
    const bytes = pictures[0].length;
    const joined = new Uint8Array(bytes * rows.length);
    pictures.forEach((picture, i) => joined.set(picture, i * bytes));
    yield {
      index: Int32Array.from(rows, (_, s) => indices[pools.rows[s * views]]),
      view: new Int32Array(rows.length).fill(view),
      image: joined,
    };
  }
}
