/**
 * Precomputes B augmented views of every training image, as the network will see them. Where there
 * is a result with fewer views, only the others are made.
 *
 * @module
 */
import { z } from "zod";
import { imageSchema, sampleSchema, viewSchema } from "../lib/tables/schemas.ts";
import { iidViews } from "../lib/augment/views/iid_views.ts";
import { imageBytes } from "../lib/augment/image/image.ts";
import { parsePolicy } from "../lib/augment/policy/policy.ts";
import { policyParam } from "../lib/augment/policy/policy_param.ts";
import { resizeBilinear } from "../lib/augment/image/resize.ts";
import { selectRows, type ViewBatch } from "../lib/augment/views/view_batch.ts";
import { augmentViews } from "../lib/augment/views/views.ts";
import { committed, defineStage, type InputOf } from "../lib/pipeline/stage/stage.ts";
import { drawSamples } from "../lib/data/drawn_samples.ts";
import { RandomSource } from "../lib/random/random.ts";

/** How many samples, and how many views of each, the report shows. */
const SHOWN_SAMPLES = 10;
const SHOWN_VIEWS = 7;
/** Views for which one more worker gains more than its start costs. */
const BYTES_A_WORKER = 32 * 2 ** 20;
/** One thread digests and writes what about so many make; each takes some 25 MB as well. */
const MOST_WORKERS = 6;

const paramsSchema = /* @__PURE__ */ z.object({
  views: z.int().min(1).describe("B, the number of views a sample"),
  policy: policyParam.default("full").describe(
    'Augmentation policy: "full", parts such as "crop+flip", "full(0.2)" for crops of at ' +
      'least that area, "randaugment(0.5)", "iid"',
  ),
  size: z.int().min(1).nullable().default(null).describe(
    "Side of the views in pixels (null: that of the images)",
  ),
  samples: z.int().min(1).nullable().default(null).describe(
    "n: make views of n images, those that randomize_labels draws by the same seed (null: of all)",
  ),
  samples_per_class: z.int().min(1).default(100).describe(
    'Of policy "iid", the samples of each class that get views; the others are their views',
  ),
});

export default defineStage({
  description: "Precomputes B augmented views of every training image",
  params: paramsSchema,
  inputs: { images: imageSchema },
  outputs: { views: viewSchema, sample: committed(sampleSchema) },
  resources: { cpu: 1, spareCpus: true },
  extends: "views",
  async run({ params, inputs, outputs, predecessor, seed, threads, progress, log, signal }) {
    const source = readImages(inputs.images, params, new RandomSource(seed));
    const present = predecessor?.params.views ?? 0;
    const { samples, batches } = planViews(source, params, { present, seed, threads });
    const shapes = { image: [source.output.height, source.output.width, 3] };
    const { class_names } = inputs.images.metadataOf("label");
    outputs.views.configure({ shapes });
    outputs.sample.configure({ shapes, metadata: { label: { class_names } } });
    const shown = samples.subarray(0, SHOWN_SAMPLES);
    const labelOf = new Map(
      Array.from(shown, (row) => [source.indices[row], source.labels[row]]),
    );
    const show = (batch: ViewBatch) => {
      const label = batch.index.map((index) => labelOf.get(index)!);
      outputs.sample.append({ ...batch, label });
    };
    show(originals(source, shown));
    let done = 0;
    const append = (batch: ViewBatch) => {
      signal.throwIfAborted();
      outputs.views.append(batch);
      show(selectRows(batch, (i) => batch.view[i] < SHOWN_VIEWS && labelOf.has(batch.index[i])));
      done += batch.index.length;
      progress(done / (samples.length * params.views), `${done} views`);
    };
    for (const batch of predecessor?.tables.views.batches() ?? []) append(batch);
    for await (const batch of batches()) {
      append(batch);
      // Frees the memory at once: the garbage collector lags behind six workers by 120 MB.
      (batch.image.buffer as ArrayBuffer).transfer(0);
    }
    log(
      `made ${params.views - present} views of each of ${samples.length} samples` +
        (present > 0 ? `, in addition to ${present} that were there` : ""),
    );
  },
});

type Params = z.output<typeof paramsSchema>;
type Source = ReturnType<typeof readImages>;

/** The drawn samples, in memory that workers can share. */
function readImages(
  table: InputOf<typeof imageSchema>,
  { samples, size }: Params,
  random: RandomSource,
) {
  const [indices, labels] = [table.column("index"), table.column("label")];
  const rows = drawSamples(labels, { samples, random });
  const [height, width] = table.shapeOf("image");
  const input = { height, width };
  const images = new Uint8Array(new SharedArrayBuffer(rows.length * imageBytes(input)));
  table.gather("image", rows, images);
  return {
    images,
    indices: rows.map((row) => indices[row]),
    labels: rows.map((row) => labels[row]),
    input,
    output: size === null ? input : { height: size, width: size },
  };
}

/** Which rows of the source get views, and what makes those that are not present. */
function planViews(
  source: Source,
  { views, policy: text, samples_per_class: samplesPerClass }: Params,
  { present, seed, threads }: { present: number; seed: number; threads: number },
): { samples: Int32Array; batches(): AsyncIterable<ViewBatch> | Iterable<ViewBatch> } {
  const policy = parsePolicy(text);
  const options = { ...source, views, firstView: present };
  if (policy.kind === "iid") {
    return iidViews({ ...options, samplesPerClass, random: new RandomSource(seed) });
  }
  const { indices, output } = source;
  const bytes = indices.length * (views - present) * imageBytes(output);
  const workers = Math.min(threads, MOST_WORKERS, Math.ceil(bytes / BYTES_A_WORKER));
  return {
    samples: indices.map((_, row) => row),
    batches: () => augmentViews({ ...options, policy, seed, workers }),
  };
}

/** Unaugmented images, as views numbered -1. */
function originals({ images, indices, input, output }: Source, rows: Int32Array): ViewBatch {
  const bytes = imageBytes(output);
  const image = new Uint8Array(rows.length * bytes);
  rows.forEach((row, i) => {
    const original = images.subarray(row * imageBytes(input), (row + 1) * imageBytes(input));
    image.set(resizeBilinear(original, input, output), i * bytes);
  });
  return {
    index: Int32Array.from(rows, (row) => indices[row]),
    view: new Int32Array(rows.length).fill(-1),
    image,
  };
}
