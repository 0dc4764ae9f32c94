import assert from "node:assert/strict";
import { join } from "node:path";
import { imageSchema, labelSchema, viewLabelSchema, viewSchema } from "../../lib/tables/schemas.ts";
import { drawSamples } from "../../lib/data/drawn_samples.ts";
import { RandomSource } from "../../lib/random/random.ts";
import randomizeLabels from "../../stages/randomize_labels.ts";
import { openOutput, runStage, withFolder, writeTable } from "./stage_run.ts";

const COUNT = 300;
const CLASSES = 10;
const index = Int32Array.from({ length: COUNT }, (_, row) => 1000 + row);
const trueLabels = Int32Array.from({ length: COUNT }, (_, row) => row * 7 % CLASSES);
const metadata = { label: { class_names: JSON.stringify([..."abcdefghij"]) } };

/** Runs the stage on 300 images; returns its two tables' columns. */
async function run(
  folder: string,
  params: Record<string, unknown>,
  { seed = 0, samplesWithViews }: { seed?: number; samplesWithViews?: number[] } = {},
) {
  const images = writeTable(
    join(folder, "images.arrow"),
    imageSchema,
    { index, image: new Uint8Array(COUNT * 3), label: trueLabels },
    { shapes: { image: [1, 1, 3] }, metadata },
  );
  const views = samplesWithViews && writeTable(
    join(folder, "views.arrow"),
    viewSchema,
    {
      index: Int32Array.from(samplesWithViews),
      view: new Int32Array(samplesWithViews.length),
      image: new Uint8Array(samplesWithViews.length * 3),
    },
    { shapes: { image: [1, 1, 3] } },
  );
  const inputs: Record<string, string> = views ? { images, views } : { images };
  const result = await runStage(folder, randomizeLabels, { params, inputs, seed });
  using labels = openOutput(result, "labels", labelSchema);
  using viewLabels = openOutput(result, "view_labels", viewLabelSchema);
  return {
    index: labels.column("index"),
    trueLabel: labels.column("true_label"),
    label: labels.column("label"),
    classes: Number(labels.metadataOf("label").classes),
    viewLabels: {
      index: viewLabels.column("index"),
      view: viewLabels.column("view"),
      label: viewLabels.column("label"),
    },
    metrics: result.metrics,
  };
}

Deno.test("without noise every image keeps its label, and there are no labels of views", () =>
  withFolder(async (folder) => {
    const { viewLabels, metrics, ...labels } = await run(folder, { noise: 0 });
    assert.deepEqual(labels, { index, trueLabel: trueLabels, label: trueLabels, classes: CLASSES });
    assert.equal(viewLabels.label.length, 0);
    assert.deepEqual(metrics, { true_share: 1 });
  }));

Deno.test("the share of true labels is what is kept and what redraws hit", () =>
  withFolder(async (folder) => {
    const { label, metrics } = await run(folder, { noise: 0.4 });
    const hits = label.filter((each, row) => each === trueLabels[row]).length;
    assert.equal(metrics.true_share, hits / COUNT);
    // 180 kept and Binomial(120, 0.1) hits: four standard deviations are 13.
    assert.ok(Math.abs(hits - 192) <= 13, String(hits));
  }));

Deno.test("a seed draws its own samples and labels, the same for fewer as the first of more", () =>
  withFolder(async (folder) => {
    const many = await run(folder, { noise: 1, samples: 200 }, { seed: 3 });
    const some = await run(folder, { noise: 1, samples: 40 }, { seed: 3 });
    const rows = drawSamples(trueLabels, { samples: 40, random: new RandomSource(3) });
    assert.deepEqual(some.index, rows.map((row) => index[row]));
    assert.deepEqual(some.trueLabel, rows.map((row) => trueLabels[row]));
    assert.deepEqual(some.index, many.index.subarray(0, 40));
    assert.deepEqual(some.label, many.label.subarray(0, 40));
    const other = await run(folder, { noise: 1, samples: 40 }, { seed: 4 });
    assert.notDeepEqual(other.index, some.index);
    assert.notDeepEqual(other.label, some.label);
  }));

Deno.test("with a class a sample, all labels differ and their number is that of the samples", () =>
  withFolder(async (folder) => {
    const params = { noise: 1, classes: "per-sample", samples: 50 };
    const { label, classes } = await run(folder, params);
    assert.equal(new Set(label).size, 50);
    assert.equal(classes, 50);
  }));

Deno.test("only samples that have views form the training set, in the order of the images", () =>
  withFolder(async (folder) => {
    const samplesWithViews = [1200, 1003, 1003, 1200, 1111];
    const labels = await run(folder, { noise: 0 }, { samplesWithViews });
    assert.deepEqual(labels.index, Int32Array.of(1003, 1111, 1200));
    assert.deepEqual(labels.label, Int32Array.of(trueLabels[3], trueLabels[111], trueLabels[200]));
  }));

Deno.test("labels of views come sample by sample, and are independent of each other", () =>
  withFolder(async (folder) => {
    const { viewLabels, label } = await run(folder, { noise: 1, label_views: 20 });
    assert.deepEqual(
      viewLabels.index,
      Int32Array.from({ length: 6000 }, (_, i) => index[i / 20 | 0]),
    );
    assert.deepEqual(viewLabels.view, Int32Array.from({ length: 6000 }, (_, i) => i % 20));
    const agree = viewLabels.label.filter((each, i) => each === label[i / 20 | 0]).length;
    // Binomial(6000, 0.1) agree with the sample's own label: four standard deviations are 93.
    assert.ok(Math.abs(agree - 600) < 93, String(agree));
  }));

Deno.test("more samples than there are images, or images with views, are refused", () =>
  withFolder(async (folder) => {
    await assert.rejects(
      run(folder, { noise: 1, samples: 301 }),
      /only 300: current value of "samples" is 301/,
    );
    await assert.rejects(
      run(folder, { noise: 1, samples: 2 }, { samplesWithViews: [1000] }),
      /only 1: current value of "samples" is 2/,
    );
  }));
