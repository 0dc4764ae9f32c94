import assert from "node:assert/strict";
import { join } from "node:path";
import { imageSchema, sampleSchema, viewSchema } from "../../lib/tables/schemas.ts";
import { Augmenter } from "../../lib/augment/policy/augmenter.ts";
import { parsePolicy, type TransformPolicy } from "../../lib/augment/policy/policy.ts";
import { resizeBilinear } from "../../lib/augment/image/resize.ts";
import { drawSamples } from "../../lib/data/drawn_samples.ts";
import { RandomSource } from "../../lib/random/random.ts";
import augment from "../../stages/augment.ts";
import { openOutput, runStage, type StageInput, withFolder, writeTable } from "./stage_run.ts";

const COUNT = 12;
const SIDE = 8;
const BYTES = SIDE * SIDE * 3;
/** Numbers that are no row numbers, so that mistaking one for the other shows. */
const index = Int32Array.from({ length: COUNT }, (_, row) => 100 - 3 * row);
const label = Int32Array.from({ length: COUNT }, (_, row) => row % 2);
const image = pixels();

function pixels(): Uint8Array {
  const stream = new RandomSource(1).stream("images");
  return Uint8Array.from({ length: COUNT * BYTES }, () => stream.integer(256));
}

function imageOf(row: number): Uint8Array {
  return image.subarray(row * BYTES, (row + 1) * BYTES);
}

/** Runs the stage on twelve images of two classes. */
async function run(folder: string, input: StageInput) {
  const images = writeTable(
    join(folder, "images.arrow"),
    imageSchema,
    { index, image, label },
    {
      shapes: { image: [SIDE, SIDE, 3] },
      metadata: { label: { class_names: '["cat","dog"]' } },
    },
  );
  return await runStage(folder, augment, { inputs: { images }, ...input });
}

Deno.test("every view is what the augmenter makes of its sample, in the order of views", () =>
  withFolder(async (folder) => {
    const result = await run(folder, { params: { views: 3 }, seed: 5 });
    using views = openOutput(result, "views", viewSchema);
    const all = views.column("image");
    assert.deepEqual(views.column("index"), Int32Array.of(...index, ...index, ...index));
    const size = { height: SIDE, width: SIDE };
    const policy = parsePolicy("full") as TransformPolicy;
    const random = new RandomSource(5);
    const augmenter = new Augmenter({ policy, random, input: size, output: size });
    const expected = new Uint8Array(BYTES);
    views.column("view").forEach((view, i) => {
      assert.equal(view, Math.floor(i / COUNT));
      augmenter.view(imageOf(i % COUNT), index[i % COUNT], view, expected);
      assert.deepEqual(all.subarray(i * BYTES, (i + 1) * BYTES), expected);
    });
    assert.deepEqual(result.log, ["made 3 views of each of 12 samples"]);
  }));

Deno.test("views of another size than the images are resized, the originals for the report too", () =>
  withFolder(async (folder) => {
    const params = { views: 1, policy: "none", size: 5 };
    const result = await run(folder, { params });
    using views = openOutput(result, "views", viewSchema);
    using sample = openOutput(result, "sample", sampleSchema);
    assert.deepEqual(views.shapeOf("image"), [5, 5, 3]);
    const small = { height: 5, width: 5 };
    const expected = Array.from(
      index,
      (_, row) => [...resizeBilinear(imageOf(row), { height: SIDE, width: SIDE }, small)],
    );
    assert.deepEqual([...views.column("image")], expected.flat());
    const shown = expected.slice(0, 10).flat();
    assert.deepEqual([...sample.column("image")], [...shown, ...shown]);
    assert.deepEqual([...sample.column("view")], [...Array(10).fill(-1), ...Array(10).fill(0)]);
    const shownLabels = [...label.subarray(0, 10)];
    assert.deepEqual([...sample.column("label")], [...shownLabels, ...shownLabels]);
    assert.equal(sample.metadataOf("label").class_names, '["cat","dog"]');
  }));

Deno.test("going on from fewer views gives the same values as starting anew, for every policy", () =>
  withFolder(async (folder) => {
    for (const policy of ["full", "randaugment(0.5)", "iid"]) {
      const params = { policy, samples_per_class: 1 };
      const two = await run(folder, { params: { ...params, views: 2 } });
      const five = await run(folder, { params: { ...params, views: 5 }, predecessor: two });
      const anew = await run(folder, { params: { ...params, views: 5 } });
      assert.deepEqual(five.columns, anew.columns, policy);
      assert.match(five.log[0], /^made 3 views of each of \d+ samples, in addition to 2 that/);
      assert.match(anew.log[0], /^made 5 views of each of \d+ samples$/);
    }
  }));

Deno.test("threads change no value", () =>
  withFolder(async (folder) => {
    // 47 MB, for which more than one worker is started.
    const params = { views: 20, size: 256, policy: "crop" };
    const one = await run(folder, { params });
    assert.deepEqual((await run(folder, { params, threads: 3 })).columns, one.columns);
  }));

Deno.test("i.i.d. views are different images of the sample's class, each used once", () =>
  withFolder(async (folder) => {
    const params = { policy: "iid", views: 3, samples_per_class: 2 };
    const result = await run(folder, { params, seed: 2 });
    using views = openOutput(result, "views", viewSchema);
    const all = views.column("image");
    const rowOf = new Map(Array.from(index, (_, row) => [imageOf(row).join(), row]));
    const rows = Array.from(
      views.column("view"),
      (_, i) => rowOf.get(all.subarray(i * BYTES, (i + 1) * BYTES).join())!,
    );
    assert.equal(new Set(rows).size, COUNT, "2 classes x 2 samples x 3 views use all 12 images");
    const samples = views.column("index").subarray(0, 4);
    assert.deepEqual(views.column("index"), Int32Array.of(...samples, ...samples, ...samples));
    assert.deepEqual(Int32Array.from(rows.slice(0, 4), (row) => index[row]), samples);
    rows.forEach((row, i) => assert.equal(label[row], label[rows[i % 4]]));
    using sample = openOutput(result, "sample", sampleSchema);
    assert.deepEqual(sample.column("index").subarray(0, 4), samples, "what is shown has views");
    assert.equal(sample.rowCount, 4 + 4 * 3);
  }));

Deno.test("the report is shown ten samples and seven views of each at most", () =>
  withFolder(async (folder) => {
    using sample = openOutput(
      await run(folder, { params: { views: 9 } }),
      "sample",
      sampleSchema,
    );
    assert.equal(sample.rowCount, 10 + 10 * 7);
    assert.deepEqual(new Set(sample.column("index")), new Set(index.subarray(0, 10)));
  }));

Deno.test("the samples that get views are those whose labels the same seed draws", () =>
  withFolder(async (folder) => {
    for (const seed of [1, 2]) {
      const result = await run(folder, { params: { views: 2, policy: "none", samples: 5 }, seed });
      using views = openOutput(result, "views", viewSchema);
      const drawn = drawSamples(label, { samples: 5, random: new RandomSource(seed) });
      const expected = Int32Array.from([...drawn, ...drawn], (row) => index[row]);
      assert.deepEqual(views.column("index"), expected);
      const images = [...drawn, ...drawn].flatMap((row) => [...imageOf(row)]);
      assert.deepEqual([...views.column("image")], images);
    }
  }));

Deno.test("more samples than there are images are refused", () =>
  withFolder(async (folder) => {
    await assert.rejects(
      run(folder, { params: { views: 1, samples: 13 } }),
      /there are only 12: current value of "samples" is 13/,
    );
  }));
