import assert from "node:assert/strict";
import { deviations } from "../../lib/report/content/deviations.ts";
import { buildReport, parseClaims, type ReportInput } from "../../lib/report/mod.ts";
import { STORIES, syntheticInput, syntheticRun } from "./synthetic.ts";

/** Student's t, two degrees of freedom, two-sided 95 % (any printed table). */
const T_TWO_DEGREES = 4.302653;

const claims = parseClaims(
  Deno.readTextFileSync(new URL("../../claims.yaml", import.meta.url)),
  "claims.yaml",
);
const input = syntheticInput({ claims });
const files = await buildReport(input);

function text(path: string, from = files): string {
  const content = from.get(path);
  assert.equal(typeof content, "string", `${path} is missing`);
  return content as string;
}

/** The part of the page that shows a figure. */
function card(id: string, from = files): string {
  const page = text("index.html", from);
  const start = page.indexOf(`<section class="card" id="${id}"`);
  assert.notEqual(start, -1, `${id} has no card`);
  return page.slice(start, page.indexOf("</section>", start));
}

/** The sentences at the top. */
function summary(from = files): string {
  return /<ul class="lead">.*?<\/ul>/s.exec(text("index.html", from))![0];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The final K-NN accuracies of a condition, read from the input without the library. */
function finals({ runs }: ReportInput, labels: string, augmentation: string): number[] {
  return runs
    .filter(({ axes }) => axes.labels === labels && axes.augmentation === augmentation)
    .map(({ probe }) => {
      const rows = probe.filter(({ layer, bank }) => layer === "embedding" && bank === "clean");
      return rows.toSorted((a, b) => b.epoch - a.epoch)[0].accuracy;
    });
}

Deno.test("equal input gives equal bytes", async () => {
  const again = await buildReport(syntheticInput({ claims }));
  assert.deepEqual([...again.keys()], [...files.keys()]);
  for (const [path, content] of files) assert.deepEqual(again.get(path), content, path);
});

Deno.test("the order of the runs does not matter to any file", async () => {
  const shuffled = await buildReport({ ...input, runs: input.runs.toReversed() });
  assert.equal(text("summary.json", shuffled), text("summary.json"));
  assert.equal(text("claims.json", shuffled), text("claims.json"));
  assert.equal(card("table-2", shuffled), card("table-2"));
});

Deno.test("every figure has a card, a data file and, if drawn, a picture", () => {
  const ids = ["table-1", "table-2", "table-5", "table-6", "figure-1", "figure-2"];
  for (const id of [...ids, "figure-3", "figure-6"]) {
    assert.match(card(id), /<h3/);
    assert.match(text(`data/${id}.csv`), /^[a-z0-9_]+(,[a-z0-9_]+)*\r\n/);
  }
  for (const name of ["summary", "figure-2", "figure-3", "figure-6"]) {
    const svg = text(`figures/${name}.svg`).trim();
    assert.ok(svg.startsWith("<svg ") && svg.endsWith("</svg>"), name);
    assert.ok(text("README.md").includes(`(figures/${name}.svg)`));
  }
  assert.ok(files.get("figures/figure-1.png") instanceof Uint8Array);
});

Deno.test("summary.json holds the rows' means and Student's t intervals in percent", () => {
  const summary = JSON.parse(text("summary.json"));
  const values = finals(input, "random", "cached");
  const deviation = Math.sqrt(
    mean(values.map((value) => (value - mean(values)) ** 2)) * 3 / 2,
  );
  const reach = T_TWO_DEGREES * deviation / Math.sqrt(3);
  assert.deepEqual(summary.knn.random_cached, {
    mean: Number((100 * mean(values)).toFixed(1)),
    low: Number((100 * (mean(values) - reach)).toFixed(1)),
    high: Number((100 * (mean(values) + reach)).toFixed(1)),
    n: 3,
  });
  assert.deepEqual(Object.keys(summary.knn), ["init", ...Object.keys(summary.fit)]);
  assert.equal(summary.knn.init.mean, 30);
  assert.equal(summary.fit.random_none.mean, 100);
  assert.equal(summary.dataset, "textures");
  assert.equal(summary.device, "2 CPU threads");
  assert.equal(summary.seconds, Math.round(3 * (20 + 800 + 30 + 400) / 10 + 4 * (0 + 1 + 2)));
});

Deno.test("Table 2 shows each condition's mean, and its data file each run's value", () => {
  for (const { labels, augmentation } of STORIES) {
    const values = finals(input, labels, augmentation);
    assert.ok(card("table-2").includes(`>${(100 * mean(values)).toFixed(1)} <small>`));
    for (const [seed, value] of values.entries()) {
      assert.match(
        text("data/table-2.csv"),
        new RegExp(`^${labels},${augmentation},${seed},.*,${value},`, "m"),
      );
    }
  }
});

Deno.test("no number is typed in: other runs give other numbers everywhere", async () => {
  const other = await buildReport(syntheticInput({
    claims,
    stories: STORIES.map((story) => ({ ...story, knn: story.knn + 0.07, fit: story.fit - 0.1 })),
  }));
  for (const id of ["table-1", "table-2", "figure-2", "figure-3"]) {
    const [before, after] = [files, other].map((from) =>
      /<dt>Ours<\/dt>.*/.exec(card(id, from))![0]
    );
    assert.notEqual(after, before, id);
    assert.notEqual(text(`data/${id}.csv`, other), text(`data/${id}.csv`), id);
  }
  for (const name of ["summary", "figure-2", "figure-3"]) {
    assert.notEqual(text(`figures/${name}.svg`, other), text(`figures/${name}.svg`));
  }
});

Deno.test("a card states the paper's value or that there is none, ours with n, and its origins", () => {
  assert.match(card("table-2"), /<dt>Paper<\/dt><dd>76 % for random labels/);
  assert.match(card("figure-2"), /<dt>Paper<\/dt><dd>not published in the text/);
  for (const id of ["table-1", "table-2", "figure-2", "figure-3"]) {
    assert.match(card(id), /<dt>Ours<\/dt><dd>.*n = 3/);
    assert.match(card(id), /<dt>Cost<\/dt><dd>(6|12) runs, .*on 2 CPU threads/);
    assert.match(card(id), /train@labels=random,augmentation=none,seed=0: train [0-9a-f]{10}/);
    assert.match(card(id), /deno 2\.9\.6, tensorflow 2\.20\.0/);
    assert.ok(card(id).includes(`href="data/${id}.csv"`));
  }
  assert.match(
    card("figure-3"),
    /<code>deno task pipeline train@labels=random,augmentation=cached train@labels=random,augmentation=none<\/code>/,
  );
});

Deno.test("a command puts the targets before the profile's flag", async () => {
  const smoke = await buildReport({
    ...input,
    profile: "smoke",
    command: "deno task pipeline -p smoke",
  });
  assert.match(
    card("figure-3", smoke),
    /<code>deno task pipeline train@.* train@labels=random,augmentation=none -p smoke<\/code>/,
  );
});

Deno.test("figures without runs are listed as not run and leave no card", async () => {
  const runs = input.runs.map((run) => ({ ...run, invariance: [] }));
  const without = await buildReport({ ...input, runs, samples: [] });
  const page = text("index.html", without);
  assert.match(page, /<h2 id="not-run">/);
  assert.match(page, /<li id="figure-6">/);
  assert.match(page, /<li id="figure-1">/);
  assert.ok(!page.includes('class="card" id="figure-6"'));
  assert.ok(!without.has("data/figure-6.csv"));
});

Deno.test("a report without any run says so instead of failing", async () => {
  const empty = await buildReport({ ...input, runs: [], samples: [], datasheet: [] });
  assert.match(summary(empty), /cannot speak of benign memorization/);
  assert.deepEqual(JSON.parse(text("summary.json", empty)).knn, {});
});

Deno.test("one seed gives a mean without an interval and no verdict", async () => {
  const single = await buildReport(syntheticInput({ claims, seeds: [0] }));
  assert.equal(JSON.parse(text("summary.json", single)).knn.random_cached.low, null);
  assert.match(
    text("index.html", single),
    /one seed, no interval\): too little data for a verdict/,
  );
});

Deno.test("the summary says benign and malign where the intervals allow it", () => {
  const page = summary();
  assert.match(page, /Random labels, augmented \(cached views\): .*: benign memorization\./);
  assert.match(page, /Random labels, no augmentation: .*: malign memorization\./);
  assert.match(page, /the memorised labels in the projector\./);
});

Deno.test("the summary contradicts the paper where the numbers do", async () => {
  const story = (labels: string, augmentation: string, knn: number, fit: number) => ({
    ...STORIES.find((each) => each.labels === labels && each.augmentation === augmentation)!,
    knn,
    fit,
  });
  const contrary = await buildReport(syntheticInput({
    stories: [story("random", "cached", 0.2, 0.6), story("random", "none", 0.6, 1)],
  }));
  const page = summary(contrary);
  assert.match(page, /augmented \(cached views\): .*no useful features, nor a memorization/);
  assert.match(page, /no augmentation: .*: benign memorization\./);
  assert.match(page, /without features in the embedding nothing is separated/);
});

Deno.test("the summary says how much of the random labels can be read from the embedding already", async () => {
  const input = syntheticInput();
  const leaking = async (accuracy: number) =>
    summary(
      await buildReport({
        ...input,
        runs: input.runs.map((run) => ({
          ...run,
          probe: run.probe.map((row) =>
            row.bank === "noisy" && row.layer === "embedding" ? { ...row, accuracy } : row
          ),
        })),
      }),
    );
  assert.match(await leaking(0.4), /does most of the memorising; other than in the paper, some/);
  assert.match(await leaking(0.7), /other than in the paper, begins in the encoder/);
});

Deno.test("a loss and an optimiser other than the paper's are told among the differences", () => {
  const input = syntheticInput();
  const told = (settings: Record<string, unknown>) =>
    deviations({
      ...input,
      runs: input.runs.map((run) => ({ ...run, settings: { ...run.settings, ...settings } })),
    }).flatMap(({ subject, here }) => ["Loss", "Optimiser"].includes(subject) ? [here] : []);
  assert.deepEqual(told({ loss: "mse", optimiser: "adam" }), []);
  assert.deepEqual(told({ loss: "cross-entropy", optimiser: "lars" }), ["cross-entropy", "lars"]);
});

Deno.test("nothing in the page or its pictures is loaded from anywhere", () => {
  for (const path of files.keys()) {
    if (!/\.(html|svg)$/.test(path)) continue;
    const addresses = [...text(path).matchAll(/\s(?:src|href|xlink:href)="([^"]*)"/g)];
    for (const [, address] of addresses) {
      assert.match(address, /^(#|data:|data\/|figures\/|[a-z]+\.json$)/, `${path}: ${address}`);
    }
  }
  assert.match(text("index.html"), /Content-Security-Policy" content="default-src 'none'/);
});

Deno.test("the page stays below 3 MB", () => {
  assert.ok(text("index.html").length < 3e6);
});

Deno.test("text of the input cannot break out into the page or the Markdown", async () => {
  const title = '<script>alert("x")</script> & co';
  const sneaky = await buildReport({
    ...input,
    title,
    runs: input.runs.map((run) => ({ ...run, settings: { "</script>": "a|b" } })),
  });
  assert.ok(!text("index.html", sneaky).includes("<script>alert"));
  assert.ok(text("README.md", sneaky).includes("a\\|b"));
});

Deno.test("a run without a probe of the embedding is named, with the layers that there are", async () => {
  const runs = input.runs.map((run) => ({
    ...run,
    probe: run.probe.filter(({ layer }) => layer !== "embedding"),
  }));
  await assert.rejects(
    buildReport({ ...input, runs }),
    /Cannot read the K-NN accuracy of train@labels=random,augmentation=none,seed=0 as .*current layers are stem, layer1/,
  );
});

Deno.test("a mean over seeds is drawn only where every seed has a value", async () => {
  const short = input.runs.map((run) =>
    run.axes.seed === "2" ? { ...run, history: run.history.slice(0, 5) } : run
  );
  const report = await buildReport({ ...input, runs: short });
  const spec = JSON.parse(
    /id="figure-2-spec">(.*?)<\/script>/s.exec(text("index.html", report))![1],
  ) as { data: { values?: { seed?: string; epoch: number; condition: string }[] }[] };
  const means = spec.data.flatMap(({ values }) => values ?? [])
    .filter(({ seed, condition }) =>
      seed === "mean of 3" && condition === "Random labels, augmented (cached views)"
    );
  const last =
    short.find(({ axes }) =>
      axes.seed === "2" && axes.labels === "random" && axes.augmentation === "cached"
    )!.history.at(-1)!.epoch;
  assert.equal(Math.max(...means.map(({ epoch }) => epoch)), last);
});

Deno.test("a sweep is drawn in the order of its axis, with its own command and every value", async () => {
  const [, story] = STORIES;
  const sweep = ["64", "4", "per sample", "16"].flatMap((views, i) =>
    [0, 1].map((seed) => {
      const run = syntheticRun({ ...story, knn: [0.5, 0.3, 0.6, 0.4][i] }, seed);
      return { ...run, stage: "train_views", axes: { ...run.axes, views }, predictions: [] };
    })
  );
  const report = await buildReport({ ...input, runs: [...input.runs, ...sweep] });
  const labels = [
    ...text("figures/figure-5.svg", report).matchAll(/>(4|16|64|per sample)<\/text>/g),
  ];
  assert.deepEqual(labels.map(([, label]) => label), ["4", "16", "64", "per sample"]);
  assert.match(card("figure-5", report), /<code>deno task pipeline train_views<\/code>/);
  assert.match(card("figure-5", report), />supported<\/span>: “as the number of augmentations B/);
  for (const { axes, probe } of sweep) {
    const accuracy = probe.filter(({ layer, bank }) => layer === "embedding" && bank === "clean")
      .at(-1)!.accuracy;
    assert.match(
      text("data/figure-5.csv", report),
      new RegExp(`^random,cached,${axes.views},${axes.seed},[^,]*,${accuracy},`, "m"),
    );
  }
  const [mixed, alone] = [report, files].map((from) =>
    /<table.*<\/table>/s.exec(card("table-2", from))![0]
  );
  assert.equal(mixed, alone, "a sweep changes the main experiment");
});

Deno.test("Table 6 gives cached views the pipeline's policy, not the unused one of the training", () => {
  const row = /<th scope="row">policy<\/th>(.*?)<\/tr>/s.exec(card("table-6"))![1];
  const cells = [...row.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell);
  assert.deepEqual(cells.slice(0, 4), ["–", "full(0.2)", "–", "full(0.2)"]);
});

Deno.test("many samples are set in two halves, with their classes named in that order", async () => {
  const samples = Array.from(
    { length: 4 },
    (_, copy) => input.samples.map((picture) => ({ ...picture, index: picture.index + 3 * copy })),
  ).flat();
  const report = await buildReport({ ...input, samples });
  assert.match(
    card("figure-1", report),
    /Left half from the top: (stripes, rings, dots(, )?){2}; right half: (stripes, rings, dots(, )?){2}\./,
  );
  const size = (files: Map<string, string | Uint8Array>) =>
    new DataView((files.get("figures/figure-1.png") as Uint8Array).buffer).getUint32(16);
  assert.ok(size(report) > 2 * size(files));
});
