/**
 * The stages beyond the main experiment on one tiny network, each against a computation of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Columns, TableFile, type TableSchema } from "../../lib/arrow/mod.ts";
import {
  decompositionSchema,
  embeddingSchema,
  historySchema,
  imageSchema,
  labelSchema,
  linearProbeSchema,
  neighbourSchema,
  probeSchema,
  snapshotSchema,
  toySchema,
  viewLabelSchema,
  viewSchema,
} from "../../lib/tables/schemas.ts";
import { knnProbe } from "../../lib/metrics/knn.ts";
import { linearProbe } from "../../lib/metrics/linear_probe.ts";
import { type Matrix, matrix, sliceRows } from "../../lib/metrics/matrix.ts";
import { runToy } from "../../lib/toy/toy.ts";
import { activations } from "../../lib/nn/network/activations.ts";
import { createEmbedder } from "../../lib/nn/network/embed.ts";
import { imagesInMemory, type ImageSource } from "../../lib/nn/network/images.ts";
import { Snapshots } from "../../lib/nn/training/snapshots.ts";
import { allImagesOf } from "../../lib/nn/training/view_table.ts";
import { RandomSource } from "../../lib/random/random.ts";
import { openRuntime } from "../../lib/tensorflow/open.ts";
import augment from "../../stages/augment.ts";
import decomposition from "../../stages/decomposition.ts";
import download from "../../stages/download.ts";
import embedding from "../../stages/embedding.ts";
import linear from "../../stages/linear_probe.ts";
import neighbours from "../../stages/neighbours.ts";
import pixels from "../../stages/pixels.ts";
import probe from "../../stages/probe.ts";
import randomizeLabels from "../../stages/randomize_labels.ts";
import toy from "../../stages/toy.ts";
import train from "../../stages/train.ts";
import { libraryFolder } from "../tensorflow/native_library.ts";
import { runStage, type StageResult } from "./stage_run.ts";

const SAMPLES = 40;
const TEST_IMAGES = 30;
const VIEWS = 3;
const CLASSES = 10;
const IMAGE_BYTES = 16 * 16 * 3;

// As the engine does it: stages search for no library and no GPU.
if (libraryFolder === null) Deno.env.set("BENIGN_BACKEND", "wasm");
else Deno.env.set("TENSORFLOW_LIBRARY", libraryFolder);

const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const textures = { train: SAMPLES, test: TEST_IMAGES, size: 16 };
const images = await runStage(folder, download, {
  params: { dataset: "textures", textures },
  downloads: folder,
});
const views = await runStage(folder, augment, {
  params: { views: VIEWS, policy: "full(0.5)" },
  inputs: { images: images.paths.train },
});
const labels = await runStage(folder, randomizeLabels, {
  params: { noise: 1, label_views: VIEWS },
  inputs: { images: images.paths.train },
});
const TRAINING = {
  augmentation: "cached",
  projector: [32],
  learning_rate: 0.003,
  batch_size: 20,
  epochs: 6,
  evaluate_every: 6,
  knn_queries: 0,
};
const trained = await runStage(folder, train, {
  params: TRAINING,
  inputs: {
    images: images.paths.train,
    labels: labels.paths.labels,
    views: views.paths.views,
    test: images.paths.test,
  },
});
const onTrained = {
  snapshots: trained.paths.snapshots,
  labels: labels.paths.labels,
  train: images.paths.train,
  test: images.paths.test,
};

/** What a layer of a trained network makes of images, epoch by epoch. */
async function layerOf(
  { paths }: StageResult,
  layer: string,
  source: ImageSource,
): Promise<Map<number, Matrix>> {
  const runtime = await openRuntime();
  using table = TableFile.open(paths.snapshots, snapshotSchema);
  const snapshots = new Snapshots(table);
  const values = new Map<number, Matrix>();
  for (const epoch of snapshots.epochs) {
    const network = snapshots.network(runtime, epoch);
    const embedder = createEmbedder(runtime, network, { batchSize: 7 });
    values.set(epoch, await activations(embedder, source, layer));
    embedder.dispose();
    network.dispose();
  }
  runtime.close();
  return values;
}

function rowsOf<C extends Columns>({ paths }: StageResult, name: string, schema: TableSchema<C>) {
  using table = TableFile.open(paths[name], schema);
  return table.rows();
}

function imagesIn(path: string): ImageSource {
  using table = TableFile.open(path, imageSchema);
  return allImagesOf(table, null);
}

function labelsIn(path: string): Int32Array {
  using table = TableFile.open(path, imageSchema);
  return table.column("label").slice();
}

/** The views of a table in the order of samples, then views. */
function viewsIn(path: string): ImageSource {
  using table = TableFile.open(path, viewSchema);
  const [index, view] = [table.column("index"), table.column("view")];
  const rows = Int32Array.from(index.keys())
    .sort((a, b) => index[a] - index[b] || view[a] - view[b]);
  const values = new Uint8Array(rows.length * IMAGE_BYTES);
  table.gather("image", rows, values);
  return imagesInMemory(values, [16, 16, 3]);
}

function unit({ values }: Matrix): Float64Array {
  const length = Math.hypot(...values);
  return Float64Array.from(values, (value) => length > 0 ? value / length : 0);
}

Deno.test("the linear probe scores the embeddings of the right images with their true labels", async () => {
  const rows = rowsOf(
    await runStage(folder, linear, { params: {}, inputs: onTrained }),
    "linear",
    linearProbeSchema,
  );
  assert.deepEqual(rows.map(({ epoch }) => epoch), [0, 6]);
  const bank = await layerOf(trained, "embedding", imagesIn(images.paths.train));
  const queries = await layerOf(trained, "embedding", imagesIn(images.paths.test));
  for (const row of rows) {
    const { accuracy } = await linearProbe({
      bank: bank.get(row.epoch)!,
      bankLabels: labelsIn(images.paths.train),
      queries: queries.get(row.epoch)!,
      queryLabels: labelsIn(images.paths.test),
    });
    const differing = Math.round(Math.abs(row.accuracy - accuracy) * TEST_IMAGES);
    assert.ok(differing <= 1, `${row.accuracy}, ${accuracy}`);
    assert.deepEqual([row.chance, row.queries, row.converged], [1 / CLASSES, TEST_IMAGES, 1]);
    assert.ok(row.train_accuracy > row.accuracy);
  }
});

Deno.test("the loss over all views is invariance plus bias, and that of the network's outputs", async () => {
  const rows = rowsOf(
    await runStage(folder, decomposition, {
      params: {},
      inputs: { ...onTrained, views: views.paths.views },
    }),
    "decomposition",
    decompositionSchema,
  );
  const outputs = await layerOf(trained, "O", viewsIn(views.paths.views));
  using table = TableFile.open(labels.paths.labels, labelSchema);
  const targets = table.column("label");
  for (const { epoch, loss, invariance, bias, samples, views } of rows) {
    assert.deepEqual([samples, views], [SAMPLES, VIEWS]);
    assert.ok(Math.abs(loss - invariance - bias) < 1e-9 * loss);
    assert.ok(invariance > 0 && bias > 0);
    const { values } = outputs.get(epoch)!;
    const errors = values.map((value, i) =>
      (value - (i % CLASSES === targets[Math.floor(i / CLASSES / VIEWS)] ? 1 : 0)) ** 2
    );
    const expected = errors.reduce((sum, error) => sum + error, 0) / (SAMPLES * VIEWS);
    assert.ok(Math.abs(loss - expected) < 1e-4 * expected, `epoch ${epoch}: ${loss}, ${expected}`);
  }
});

Deno.test("neighbours are the training images of largest cosine, for the first image of each class", async () => {
  const result = await runStage(folder, neighbours, {
    params: { neighbours: 3, queries: 4 },
    inputs: onTrained,
  });
  const rows = rowsOf(result, "neighbours", neighbourSchema);
  const testLabels = labelsIn(images.paths.test);
  const bank = await layerOf(trained, "embedding", imagesIn(images.paths.train));
  const queries = await layerOf(trained, "embedding", imagesIn(images.paths.test));
  const source = imagesIn(images.paths.train);
  assert.equal(rows.length, 2 * 4 * (1 + 3));
  for (const row of rows.filter(({ rank }) => rank === 0)) {
    assert.equal(row.index, testLabels.indexOf(row.label));
    const query = unit(sliceRows(queries.get(row.epoch)!, row.index, row.index + 1));
    const all = bank.get(row.epoch)!;
    const cosines = Array.from({ length: SAMPLES }, (_, i) => {
      const other = unit(sliceRows(all, i, i + 1));
      return query.reduce((sum, value, c) => sum + value * other[c], 0);
    });
    const nearest = cosines.map((_, i) => i).sort((a, b) => cosines[b] - cosines[a]).slice(0, 3);
    const found = rows.filter(({ epoch, query, rank }) =>
      epoch === row.epoch && query === row.query && rank > 0
    );
    assert.deepEqual(found.map(({ index }) => index), nearest);
    assert.deepEqual(pictureOf(result, rows.indexOf(found[0])), await source.read(nearest[0], 1));
  }
});

function pictureOf({ paths }: StageResult, row: number): Uint8Array {
  using table = TableFile.open(paths.neighbours, neighbourSchema);
  return table.column("image").slice(row * IMAGE_BYTES, (row + 1) * IMAGE_BYTES);
}

Deno.test("the embedding's plane holds the variance that it states, and no other plane of axes more", async () => {
  const rows = rowsOf(
    await runStage(folder, embedding, { params: {}, inputs: onTrained }),
    "embedding",
    embeddingSchema,
  );
  const embedded = await layerOf(trained, "embedding", imagesIn(images.paths.test));
  for (const [epoch, all] of embedded) {
    const own = rows.filter((row) => row.epoch === epoch);
    const units = Array.from({ length: TEST_IMAGES }, (_, i) => unit(sliceRows(all, i, i + 1)));
    const variances = Array.from(units[0], (_, c) => variance(units.map((row) => row[c])));
    const total = variances.reduce((sum, value) => sum + value, 0);
    const plane = variance(own.map(({ x }) => x)) + variance(own.map(({ y }) => y));
    const axes = variances.toSorted((a, b) => b - a).slice(0, 2);
    assert.ok(Math.abs(plane / total - own[0].explained) < 1e-5);
    assert.ok(plane >= axes[0] + axes[1] - 1e-9);
    assert.deepEqual(own.map(({ label }) => label), [...labelsIn(images.paths.test)]);
  }
});

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

Deno.test("each view can have a label of its own, and the fit counts all views", async () => {
  const run = await runStage(folder, train, {
    params: TRAINING,
    inputs: {
      images: images.paths.train,
      labels: labels.paths.labels,
      view_labels: labels.paths.view_labels,
      views: views.paths.views,
      test: images.paths.test,
    },
  });
  using table = TableFile.open(labels.paths.view_labels, viewLabelSchema);
  const wanted = table.column("label");
  assert.equal(wanted.length, SAMPLES * VIEWS);
  const outputs = (await layerOf(run, "O", viewsIn(views.paths.views))).get(6)!;
  const hits = Array.from(wanted, (label, i) => {
    const scores = [...sliceRows(outputs, i, i + 1).values];
    return scores.indexOf(Math.max(...scores)) === label ? 1 : 0;
  });
  const rows = rowsOf(run, "history", historySchema);
  const fit = hits.reduce<number>((sum, hit) => sum + hit, 0) / hits.length;
  assert.ok(Math.abs(rows.at(-1)!.accuracy - fit) < 1e-6);
});

Deno.test("only samples that have i.i.d. views are trained on, and a view shows the sample's class", async () => {
  const iid = await runStage(folder, augment, {
    params: { policy: "iid", views: 2, samples_per_class: 1 },
    inputs: { images: images.paths.train },
  });
  const chosen = await runStage(folder, randomizeLabels, {
    params: { noise: 0 },
    inputs: { images: images.paths.train, views: iid.paths.views },
  });
  using table = TableFile.open(iid.paths.views, viewSchema);
  const rows = rowsOf(chosen, "labels", labelSchema);
  assert.equal(rows.length, CLASSES);
  assert.equal(new Set(rows.map(({ label }) => label)).size, CLASSES);
  assert.deepEqual(
    new Set(rows.map(({ index }) => index)),
    new Set(table.column("index")),
  );
  const trueLabels = labelsIn(images.paths.train);
  const pictures = imagesIn(images.paths.train);
  const pixels = table.column("image");
  table.column("index").forEach((index, row) => {
    const view = pixels.subarray(row * IMAGE_BYTES, (row + 1) * IMAGE_BYTES).join();
    const source = Array.from({ length: SAMPLES }, (_, i) => i)
      .find((i) => (pictures.read(i, 1) as Uint8Array).join() === view)!;
    assert.equal(trueLabels[source], trueLabels[index]);
  });
});

Deno.test("the clean probe's bank is the images trained on, or all with their own labels", async () => {
  const few = SAMPLES / 2;
  const drawn = await runStage(folder, randomizeLabels, {
    params: { noise: 1, samples: few },
    inputs: { images: images.paths.train },
  });
  using table = TableFile.open(drawn.paths.labels, labelSchema);
  const chosen = table.column("index");
  const source = imagesIn(images.paths.train);
  const some = imagesInMemory(
    Uint8Array.from([...chosen].flatMap((row) => [...source.read(row, 1) as Uint8Array])),
    [16, 16, 3],
  );
  const queries = await layerOf(trained, "embedding", imagesIn(images.paths.test));
  const banks = {
    samples: { images: some, bankLabels: table.column("true_label") },
    all: { images: source, bankLabels: labelsIn(images.paths.train) },
  };
  for (const bank of ["samples", "all"] as const) {
    const { images: bankImages, bankLabels } = banks[bank];
    const embeddings = await layerOf(trained, "embedding", bankImages);
    const probed = await runStage(folder, probe, {
      params: { bank, neighbours: 5 },
      inputs: { ...onTrained, labels: drawn.paths.labels },
    });
    const measured = rowsOf(probed, "probe", probeSchema)
      .filter((row) => row.layer === "embedding" && row.bank === "clean");
    assert.equal(measured.length, embeddings.size);
    for (const { epoch, accuracy } of measured) {
      const expected = await knnProbe({
        bank: embeddings.get(epoch)!,
        bankLabels,
        queries: queries.get(epoch)!,
        queryLabels: labelsIn(images.paths.test),
      }, { neighbours: 5 });
      assert.equal(accuracy, expected.accuracy, `${bank}, epoch ${epoch}`);
    }
  }
});

Deno.test("the network's own answer to test images is held against their true classes", async () => {
  const probed = await runStage(folder, probe, { params: { neighbours: 5 }, inputs: onTrained });
  const rows = rowsOf(probed, "probe", probeSchema).filter(({ bank }) => bank === "none");
  const outputs = await layerOf(trained, "O", imagesIn(images.paths.test));
  const testLabels = labelsIn(images.paths.test);
  assert.deepEqual(rows.map(({ epoch }) => epoch), [0, 6]);
  for (const { epoch, layer, accuracy, chance, queries } of rows) {
    const hits = Array.from(testLabels, (label, i) => {
      const scores = [...sliceRows(outputs.get(epoch)!, i, i + 1).values];
      return scores.indexOf(Math.max(...scores)) === label ? 1 : 0;
    });
    const expected = hits.reduce<number>((sum, hit) => sum + hit, 0) / TEST_IMAGES;
    assert.ok(Math.abs(accuracy - expected) < 1e-9, `epoch ${epoch}: ${accuracy}, ${expected}`);
    assert.deepEqual([layer, chance, queries], ["O", 1 / CLASSES, TEST_IMAGES]);
  }
});

Deno.test("raw pixels are probed by the samples that a seed draws", async () => {
  const drawn = await runStage(folder, randomizeLabels, {
    params: { noise: 0, samples: 20 },
    inputs: { images: images.paths.train },
  });
  const probed = await runStage(folder, pixels, {
    params: { neighbours: 3, size: 8 },
    inputs: { labels: drawn.paths.labels, train: images.paths.train, test: images.paths.test },
  });
  using labels = TableFile.open(drawn.paths.labels, labelSchema);
  const [train, test] = [images.paths.train, images.paths.test].map((path) => {
    using table = TableFile.open(path, imageSchema);
    const source = allImagesOf(table, 8);
    return Float32Array.from(source.read(0, source.count) as Uint8Array);
  });
  const bytes = 8 * 8 * 3;
  const bank = Float32Array.from(
    [...labels.column("index")].flatMap((
      row,
    ) => [...train.subarray(row * bytes, (row + 1) * bytes)]),
  );
  const { accuracy } = await knnProbe({
    bank: matrix(bank, bytes),
    bankLabels: labels.column("true_label"),
    queries: matrix(test, bytes),
    queryLabels: labelsIn(images.paths.test),
  }, { neighbours: 3 });
  const expected = { epoch: 0, layer: "pixels", depth: 0, bank: "clean", accuracy };
  assert.deepEqual(rowsOf(probed, "probe", probeSchema), [
    { ...expected, chance: 1 / CLASSES, queries: TEST_IMAGES },
  ]);
});

Deno.test("a network is probed on another data set at its own size", async () => {
  const other = await runStage(folder, download, {
    params: { dataset: "textures", textures: { seed: 1, train: 25, test: 20, size: 32 } },
    downloads: folder,
  });
  const clean = await runStage(folder, randomizeLabels, {
    params: { noise: 0 },
    inputs: { images: other.paths.train },
  });
  const rows = rowsOf(
    await runStage(folder, probe, {
      params: { layer_epochs: [] },
      inputs: {
        snapshots: trained.paths.snapshots,
        labels: clean.paths.labels,
        train: other.paths.train,
        test: other.paths.test,
      },
    }),
    "probe",
    probeSchema,
  );
  const initial = rows.filter(({ epoch }) => epoch === 0);
  assert.deepEqual(initial.map(({ layer, queries }) => [layer, queries]), [
    ["embedding", 20],
    ["embedding", 25],
  ]);
});

Deno.test("the toy stage tries every number of samples and views with its seed", async () => {
  const settings = { dimensions: 6, signal_dimensions: 2, classes: 3, prototypes: 8, steps: 15 };
  const rows = rowsOf(
    await runStage(folder, toy, {
      params: { ...settings, samples: [3, 6], views: [1, 4], probe_samples: 40 },
      seed: 5,
    }),
    "toy",
    toySchema,
  );
  assert.deepEqual(rows.map(({ samples, views }) => [samples, views]), [
    [3, 1],
    [3, 4],
    [6, 1],
    [6, 4],
  ]);
  const expected = await runToy({ samples: 6, views: 4 }, new RandomSource(5), {
    dimensions: 6,
    signalDimensions: 2,
    classes: 3,
    prototypes: 8,
    steps: 15,
    probeSamples: 40,
  });
  const { accuracy, fit, initial_accuracy, noise_gain } = rows[3];
  assert.deepEqual(
    { accuracy, fit, initialAccuracy: initial_accuracy, noiseGain: noise_gain },
    expected,
  );
});
