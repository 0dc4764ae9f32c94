import assert from "node:assert/strict";
import type { ReportInput, Run } from "../../lib/report/mod.ts";
import type { FigureDefinition } from "../../lib/report/figures/figure.ts";
import { embedding } from "../../lib/report/figures/embedding.ts";
import { figure13 } from "../../lib/report/figures/figure_13.ts";
import { figure5Right } from "../../lib/report/figures/figure_5_right.ts";
import { figure9 } from "../../lib/report/figures/figure_9.ts";
import { lossDecomposition } from "../../lib/report/figures/loss_decomposition.ts";
import { neighbours } from "../../lib/report/figures/neighbours.ts";
import { networks } from "../../lib/report/figures/networks.ts";
import { table3 } from "../../lib/report/figures/table_3.ts";
import { table4 } from "../../lib/report/figures/table_4.ts";
import { variants } from "../../lib/report/figures/variants.ts";
import { drawChart } from "../../lib/report/render/chart.ts";
import { paperName } from "../../lib/report/figures/figure.ts";
import { mosaic } from "../../lib/report/render/mosaic.ts";
import { syntheticInput, syntheticRun } from "./synthetic.ts";

const SEEDS = [0, 1, 2];
const RANDOM = { labels: "random", augmentation: "cached", epochs: 100, knn: 0.6, fit: 1 };

/** A run of a sweep that ends at an accuracy of the embedding and a fit. */
function swept(axes: Record<string, string>, knn: number, fit = 1, seed = 0): Run {
  const { labels = "random", augmentation = "cached" } = axes;
  const run = syntheticRun({ ...RANDOM, labels, augmentation, knn, fit }, seed);
  const { seed: name, ...rest } = run.axes;
  return { ...run, axes: { ...rest, ...axes, seed: name } as Run["axes"] };
}

function withRuns(...runs: Run[]): ReportInput {
  const input = syntheticInput();
  return { ...input, runs: [...input.runs, ...runs] };
}

function measured<Row>(axes: Record<string, string>, rows: readonly Row[]) {
  return { axes, stageKey: "0".repeat(64), settings: {}, rows };
}

function linearRow(epoch: number, accuracy: number) {
  return {
    epoch,
    accuracy,
    train_accuracy: 1,
    chance: 0.25,
    converged: epoch === 0 ? 0 : 1,
    iterations: 9,
    queries: 40,
  };
}

function probeRow(epoch: number, accuracy: number, bank = "clean") {
  return { epoch, layer: "embedding", depth: 4, bank, accuracy, chance: 0.25, queries: 50 };
}

const mainAxes = (seed: number) => ({
  labels: "random",
  augmentation: "cached",
  seed: `${seed}`,
});

const linear = SEEDS.map((seed) =>
  measured(mainAxes(seed), [linearRow(0, 0.3), linearRow(100, 0.5 + seed / 100)])
);
const transfer = SEEDS.flatMap((seed) =>
  ["cifar100", "stl10"].map((target, i) =>
    measured({ ...mainAxes(seed), target }, [
      probeRow(0, 0.2),
      probeRow(100, 0.3 + seed / 100 + i / 10),
      probeRow(100, 0.9, "noisy"),
    ])
  )
);
const toy = SEEDS.map((seed) =>
  measured(
    { seed: `${seed}` },
    [
      { samples: 100, views: 8, initial_accuracy: 0.3, accuracy: 0.8 + seed / 100 },
      { samples: 10, views: 1, initial_accuracy: 0.3, accuracy: 0.4 },
      { samples: 10, views: 8, initial_accuracy: 0.3, accuracy: 0.5 },
    ].map((row) => ({ ...row, fit: 0.5, noise_gain: 1 })),
  )
);
const decomposition = SEEDS.map((seed) =>
  measured(
    mainAxes(seed),
    [0, 100].map((epoch) => ({
      epoch,
      loss: 0.8,
      invariance: 0.2,
      bias: 0.6 + 8e-7,
      samples: 32,
      views: 4,
    })),
  )
);

function built(definition: FigureDefinition, input: ReportInput) {
  const figure = definition.build(input);
  assert.ok(figure !== null, definition.id);
  return figure;
}

Deno.test("what a profile lacks is not run, and no figure is drawn for it", () => {
  const input = syntheticInput();
  for (
    const each of [
      ...[embedding, figure13, figure5Right, figure9, lossDecomposition],
      ...[neighbours, networks, table3, table4, variants],
    ]
  ) {
    assert.equal(each.build(input), null, each.id);
  }
});

Deno.test("Table 3 shows the linear probe's means, its INIT, and fits that did not converge", () => {
  const input = { ...syntheticInput(), linear };
  const { table, ours, notes, data } = built(table3, input);
  assert.deepEqual(table!.rows[0].slice(1).map(({ text }) => text), ["51.0", "30.0 †"]);
  assert.match(ours, /^51\.0 % \[48\.5, 53\.5\], n = 3, against INIT 30\.0 %/);
  assert.match(notes[1], /^† 3 of 6 fits ended before they met/);
  assert.equal(data.rows.length, 6);
});

Deno.test("Table 4 compares i.i.d. augmentations with the whole pool, seed by seed", () => {
  const iid = { labels: "random", augmentation: "cached", pool: "iid" };
  const input = withRuns(
    swept(iid, 0.28),
    swept({ ...iid, labels: "clean" }, 0.7),
    swept({ labels: "clean", augmentation: "none", pool: "whole" }, 0.9),
  );
  const { table } = built(table4, input);
  assert.deepEqual(table!.rows.map(([{ text }]) => text), [
    "random labels, i.i.d. augmentations",
    "clean labels, i.i.d. augmentations",
    "clean labels, all images, no augmentation",
  ]);
});

Deno.test("the capacity is the largest size that every run fitted", () => {
  const run = (samples: number, label_views: number, fit: number) =>
    swept({ label_views: `${label_views}`, samples: `${samples}` }, 0.3, fit);
  const input = withRuns(run(32, 2, 1), run(64, 2, 0.995), run(32, 8, 0.999), run(64, 8, 0.6));
  const { description } = built(figure5Right, input);
  assert.match(
    description,
    /n = 64 with B = 2 \(128 points\) and n = 32 with B = 8 \(256 points\)/,
  );
});

Deno.test("transfer is shown target by target beside INIT", async () => {
  const input = { ...syntheticInput(), transfer };
  const figure = built(figure9, input);
  assert.match(figure.ours, /cifar100 31\.0 % .* against INIT 20\.0 %.*; stl10 41\.0 %/);
  assert.equal(figure.data.rows.length, 6);
  assert.match((await drawChart("figure-9", figure.chart!)).svg, /cifar100/);
});

Deno.test("the toy example rises from fewest to most points, whatever the order of its rows", () => {
  const input = { ...syntheticInput(), toy };
  assert.match(built(figure13, input).ours, /^40\.0 %.* with n B = 10 points, 81\.0 %.* with 800/);
});

Deno.test("the loss and its terms agree within the error that is stated", () => {
  const input = { ...syntheticInput(), decomposition };
  assert.match(built(lossDecomposition, input).ours, /Inv is 25 % of the loss, n = 3; .*1\.0e-6/);
});

Deno.test("the loss of a variant is split where the main runs' is not, and the loss in training told", () => {
  const variant = swept({ variant: "other" }, 0.5);
  const axes = variant.axes;
  const input = {
    ...withRuns({ ...variant, settings: { ...variant.settings, loss: "cross-entropy" } }),
    decomposition: [{ ...decomposition[0], axes }],
  };
  const figure = built(lossDecomposition, input);
  assert.deepEqual(figure.runs.map((run) => run.axes), [axes]);
  assert.ok(figure.notes!.includes("Loss in training: cross-entropy."));
});

Deno.test("other networks and variants are named by their axes and set against their own INIT", () => {
  const input = withRuns(
    swept({ network: "mlp" }, 0.5),
    swept({ network: "vgg11", data: "cifar100" }, 0.4),
    swept({ variant: "mixup" }, 0.55),
  );
  assert.deepEqual(built(networks, input).table!.rows.map(([{ text }]) => text), [
    "textures, mlp: Random labels, augmented (cached views)",
    "cifar100, vgg11: Random labels, augmented (cached views)",
  ]);
  assert.equal(built(variants, input).runs.length, 1);
});

Deno.test("neighbours of the test image's class are counted and framed", () => {
  const picture = (epoch: number, rank: number, label: number) => ({
    ...{ epoch, query: 7, rank, index: rank, view: -1, label, height: 2, width: 2 },
    pixels: new Uint8Array(12).fill(200),
  });
  const table = measured(mainAxes(0), [
    ...[picture(0, 0, 1), picture(0, 1, 0), picture(0, 2, 1)],
    ...[picture(9, 0, 1), picture(9, 1, 1), picture(9, 2, 1)],
  ]);
  const figure = built(neighbours, { ...syntheticInput(), neighbours: [table] });
  assert.match(
    figure.ours,
    /50\.0 % share .* at INIT, 100\.0 % after training; 1 test images, seed 0/,
  );
  assert.equal(figure.runs.length, 1);
  const { pixels, width, height } = figure.picture!;
  assert.equal(pixels.length, 3 * width * height);
  assert.ok(pixels.includes(0x1b));
});

Deno.test("a mosaic sets every pixel of its tiles, enlarged, and leaves gaps white", () => {
  const tile = { width: 1, height: 1, pixels: Uint8Array.of(10, 20, 30), framed: false };
  const { pixels, width, height } = mosaic([[tile, null, tile]]);
  const count = (r: number, g: number, b: number) =>
    Array.from({ length: width * height }, (_, i) => pixels.subarray(3 * i, 3 * i + 3))
      .filter((pixel) => pixel[0] === r && pixel[1] === g && pixel[2] === b).length;
  assert.equal(count(10, 20, 30), 2 * 48 * 48);
  assert.equal(count(10, 20, 30) + count(255, 255, 255), width * height);
});

Deno.test("the embedding's panels are INIT once and the end of every condition", async () => {
  const rows = [0, 50].flatMap((epoch) =>
    [0, 1, 2, 3].map((index) => ({
      ...{ epoch, index, label: index, x: index, y: -index, explained: 0.5 },
    }))
  );
  const tables = ["cached", "none"].map((augmentation) =>
    measured({ ...mainAxes(1), augmentation }, rows)
  );
  const figure = built(embedding, { ...syntheticInput(), embedding: tables });
  assert.deepEqual([...new Set(figure.data.rows.map(([panel]) => panel))], [
    "INIT",
    "Random labels, no augmentation",
    "Random labels, augmented (cached views)",
  ]);
  assert.match((await drawChart("embedding", figure.chart!)).svg, /stripes/);
});

Deno.test("cards are named after the paper's numbers", () => {
  assert.deepEqual(["figure-2", "figure-5-right", "neighbours"].map(paperName), [
    "Figure 2",
    "Figure 5, right",
    "Neighbours",
  ]);
  assert.equal(paperName("loss-decomposition"), "Loss decomposition");
});
