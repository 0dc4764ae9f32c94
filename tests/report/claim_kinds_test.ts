/**
 * Every kind of measurement on made-up data on which its statement is true, false and undecided. Each
 * kind is given runs whose measured values are known beforehand.
 *
 * @module
 */
import assert from "node:assert/strict";
import { measureClaim } from "../../lib/report/claims/evaluate.ts";
import {
  isTrend,
  type Measurement,
  type MeasurementKind,
  measurementSchema,
} from "../../lib/report/input/measurement.ts";
import { type Claim, judgeClaims, type ReportInput, type Run } from "../../lib/report/mod.ts";
import { syntheticInput } from "./synthetic.ts";

const SEEDS = ["0", "1", "2"];
const CHANCE = 10;
const END = 100;
const ENCODER = ["stem", "layer1", "embedding"];
const LAYERS = [...ENCODER, "P", "O"];
const RANDOM = { labels: "random", augmentation: "cached" };
const NONE = { labels: "random", augmentation: "none" };

type Values = readonly number[];

/** What is measured on a run, in %; all layers lie at 20 and at chance before and after otherwise. */
interface Facts {
  readonly clean?: Readonly<Record<string, readonly [init: number, end: number]>>;
  readonly noisy?: Readonly<Record<string, number>>;
  readonly own?: number;
  readonly fit?: number;
  /** Epoch, loss and K-NN accuracy. */
  readonly course?: readonly (readonly [number, number, number])[];
  /** By layer, at epochs 0, 50 and 100. */
  readonly invariance?: Readonly<Record<string, Values>>;
  readonly knnOverTime?: Values;
  readonly fittedAt?: number;
}

function run(axes: Readonly<Record<string, string>>, seed: number, facts: Facts = {}): Run {
  const { clean = {}, noisy = {}, own = CHANCE, fit = 100, invariance = {} } = facts;
  const common = { chance: CHANCE / 100, queries: 40 };
  const rows = LAYERS.flatMap((layer, depth) => {
    const [init, end] = clean[layer] ?? [20, 20];
    const at = (epoch: number, bank: string, percent: number) => ({
      ...common,
      ...{ epoch, layer, depth, bank, accuracy: percent / 100 },
    });
    return [
      at(0, "clean", init),
      at(END, "clean", end),
      at(END, "noisy", noisy[layer] ?? CHANCE),
    ];
  });
  const middle = (facts.knnOverTime ?? []).slice(1, 2).map((percent) => ({
    ...common,
    ...{ epoch: 50, layer: "embedding", depth: 2, bank: "clean", accuracy: percent / 100 },
  }));
  const answer = { epoch: END, layer: "O", depth: 4, bank: "none", accuracy: own / 100, ...common };
  const course = facts.course ?? [[0, 1, 20], [facts.fittedAt ?? END, 0.1, 20], [END, 0, 20]];
  const [template] = syntheticInput().runs;
  return {
    ...template,
    axes: { ...axes, seed: SEEDS[seed] } as unknown as Run["axes"],
    probe: [...rows, ...middle, answer],
    predictions: [],
    history: course.map(([epoch, loss, knn]) => ({
      ...template.history[0],
      ...{
        epoch,
        loss,
        knn: knn / 100,
        accuracy: epoch >= (facts.fittedAt ?? END) ? fit / 100 : 0,
      },
    })),
    invariance: Object.entries(invariance).flatMap(([layer, values]) =>
      values.map((value, i) => ({
        ...{ epoch: 50 * i, layer, depth: LAYERS.indexOf(layer), invariance: value },
        ...{ invariance_squared: value ** 2, samples: 8 },
      }))
    ),
  };
}

function withRuns(...runs: Run[]): ReportInput {
  return { ...syntheticInput(), runs };
}

/** One run a seed. */
function each(
  axes: Readonly<Record<string, string>>,
  values: Values,
  facts: (value: number) => Facts,
): Run[] {
  return values.map((value, seed) => run(axes, seed, facts(value)));
}

const embedding = (end: number, init = 20): Facts => ({ clean: { embedding: [init, end] } });

/** Runs along an axis: one row per seed, one column per point. */
function along(
  axis: string,
  points: readonly string[],
  blocks: readonly Values[],
  axes: Readonly<Record<string, string>> = RANDOM,
): Run[] {
  return blocks.flatMap((block, seed) =>
    block.map((percent, i) => run({ ...axes, [axis]: points[i] }, seed, embedding(percent)))
  );
}

function measured<Row>(axes: Readonly<Record<string, string>>, rows: readonly Row[]) {
  return { axes, stageKey: "0".repeat(64), settings: {}, rows };
}

/** A kind whose values are made: `above` the bound by `scale` times the given numbers. */
interface ValueCase {
  readonly measurement: Measurement;
  readonly bound: number;
  readonly scale: number;
  readonly make: (values: Values) => ReportInput;
}

const condition = "random_augmented" as const;
const conditions = { condition, minus: "random_none" } as const;
const points = ["1", "4", "16", "64"];

/** A layer that is far above what is asked for, beside the one that is made. */
const VALUE_CASES: readonly ValueCase[] = [
  {
    measurement: { kind: "fit", condition },
    ...{ bound: 80, scale: 1 },
    make: (values) => withRuns(...each(RANDOM, values, (fit) => ({ fit }))),
  },
  {
    measurement: { kind: "fits", conditions: ["random_none", condition] },
    ...{ bound: 80, scale: 1 },
    make: (values) =>
      withRuns(
        ...each(NONE, [99, 100, 99], (fit) => ({ fit })),
        ...each(RANDOM, values, (fit) => ({ fit })),
      ),
  },
  {
    measurement: { kind: "epochs_ratio", condition, over: "random_none" },
    ...{ bound: 1, scale: 0.02 },
    make: (values) =>
      withRuns(
        ...each(NONE, [50, 50, 50], (fittedAt) => ({ fittedAt })),
        ...each(RANDOM, values, (ratio) => ({ fittedAt: 50 * ratio })),
      ),
  },
  {
    measurement: { kind: "plateau", condition },
    ...{ bound: 0.5, scale: 0.02 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (share) => ({
        course: [[0, 1, 20], [40, 0.95, 21], [100 * share, 0.6, 60], [END, 0, 70]],
      }))),
  },
  {
    measurement: { kind: "knn", condition },
    ...{ bound: 50, scale: 1 },
    make: (values) => withRuns(...each(RANDOM, values, (percent) => embedding(percent))),
  },
  {
    measurement: { kind: "knn_excess", condition },
    ...{ bound: 30, scale: 1 },
    make: (values) => withRuns(...each(RANDOM, values, (excess) => embedding(CHANCE + excess))),
  },
  {
    measurement: { kind: "own_excess", condition },
    ...{ bound: 30, scale: 1 },
    make: (values) => withRuns(...each(RANDOM, values, (excess) => ({ own: CHANCE + excess }))),
  },
  {
    measurement: { kind: "knn_gain", condition },
    ...{ bound: 0, scale: 1 },
    make: (values) => withRuns(...each(RANDOM, values, (gain) => embedding(30 + gain, 30))),
  },
  {
    measurement: { kind: "knn_difference", ...conditions },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(
        ...each(NONE, [30, 40, 50], (percent) => embedding(percent)),
        ...values.map((gap, seed) => run(RANDOM, seed, embedding(30 + 10 * seed + gap))),
      ),
  },
  {
    measurement: {
      kind: "gap_difference",
      gap: [condition, "random_none"],
      minus: ["clean_augmented", "clean_none"],
    },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(
        ...each(NONE, [20, 30, 25], (percent) => embedding(percent)),
        ...values.map((gap, seed) => run(RANDOM, seed, embedding([20, 30, 25][seed] + 15 + gap))),
        ...each({ ...NONE, labels: "clean" }, [50, 50, 50], (percent) => embedding(percent)),
        ...each({ ...RANDOM, labels: "clean" }, [65, 65, 65], (percent) => embedding(percent)),
      ),
  },
  {
    measurement: {
      kind: "axis_gain",
      ...{ axis: "variant", at: "mixup", labels: "random", augmentation: ["cached"] },
    },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(
        ...each({ ...RANDOM, variant: "mixup" }, values, (gain) => embedding(30 + gain, 30)),
        ...each({ ...RANDOM, variant: "mse" }, [50, 50, 50], (gain) => embedding(30 + gain, 30)),
      ),
  },
  {
    measurement: { kind: "iid_gain", labels: "random" },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(...each({ ...RANDOM, pool: "iid" }, values, (gain) => embedding(30 + gain, 30))),
  },
  {
    measurement: { kind: "iid_difference" },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(
        ...each({ ...RANDOM, labels: "clean", pool: "iid" }, values, (gap) => embedding(60 + gap)),
        ...each({ ...NONE, labels: "clean", pool: "whole" }, [60, 60, 60], (end) => embedding(end)),
      ),
  },
  {
    measurement: { kind: "first_layer_kept", condition },
    ...{ bound: 0.75, scale: 0.02 },
    make: (values) =>
      withRuns(
        ...each(RANDOM, values, (share) => ({ clean: { stem: [30, CHANCE + 20 * share] } })),
      ),
  },
  {
    measurement: { kind: "layer_gains", condition },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (gain) => ({
        clean: { stem: [20, 50], layer1: [20, 20 + gain], embedding: [20, 50 + gain / 10] },
      }))),
  },
  {
    measurement: { kind: "output_loss", condition },
    ...{ bound: 0.5, scale: 0.02 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (share) => ({
        clean: { embedding: [20, 60], O: [20, CHANCE + 50 * (1 - share)] },
      }))),
  },
  {
    measurement: { kind: "output_excess", condition, bank: "noisy" },
    ...{ bound: 20, scale: 1 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (excess) => ({ noisy: { O: CHANCE + excess } }))),
  },
  {
    measurement: { kind: "output_memory", condition },
    ...{ bound: 0.5, scale: 0.02 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (share) => ({ noisy: { O: CHANCE + 90 * share } }))),
  },
  {
    measurement: { kind: "encoder_excess", condition, bank: "noisy" },
    ...{ bound: 20, scale: 1 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (excess) => ({
        noisy: { stem: 60, layer1: CHANCE + excess, embedding: 62 + excess / 10, O: 0 },
      }))),
  },
  {
    measurement: { kind: "encoder_memory", condition },
    ...{ bound: 0.5, scale: 0.02 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (share) => ({
        noisy: { embedding: CHANCE + 80 * share, O: 90 },
      }))),
  },
  {
    measurement: { kind: "invariance_difference", condition, minus: "random_control" },
    ...{ bound: 0, scale: 0.02 },
    make: (values) =>
      withRuns(
        ...each({ ...NONE, control: "equal" }, [0.6, 0.6, 0.6], (value) => ({
          invariance: { embedding: [1, 0.9, value] },
        })),
        ...each(RANDOM, values, (gap) => ({ invariance: { embedding: [1, 0.5, 0.6 + gap] } })),
      ),
  },
  {
    measurement: { kind: "invariance_correlation", condition },
    ...{ bound: 0, scale: 0.05 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (r) => {
        // Of the two, orthogonal, the sum correlates by r with the errors 80, 70, 60.
        const across = Math.sqrt(1 - r * r) / Math.sqrt(3);
        const invariance = [1 + r + across, 1 - 2 * across, 1 - r + across];
        return {
          ...embedding(40),
          knnOverTime: [20, 30, 40],
          invariance: { embedding: invariance },
        };
      })),
  },
  {
    measurement: { kind: "invariance_in_encoder", condition },
    ...{ bound: 0, scale: 0.02 },
    make: (values) =>
      withRuns(...each(RANDOM, values, (beyond) => ({
        invariance: { embedding: [1, 0.9, 0.7 - beyond], O: [1, 0.9, 0.4] },
      }))),
  },
  {
    measurement: { kind: "sweep_gaps", ...conditions, axis: "noise" },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(
        ...along("noise", ["0", "0.5", "0.7", "1"], values.map((gap) => [40, 40 + gap, 70, 40])),
        ...along("noise", ["0", "0.5", "0.7", "1"], values.map(() => [90, 40, 40, 90]), NONE),
      ),
  },
  {
    measurement: { kind: "sweep_crossing", condition, axis: "views" },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(...along("views", points, values.map((below) => [20 - below, 1, 2, 60]))),
  },
  {
    measurement: { kind: "sweep_gain", condition, axis: "views" },
    ...{ bound: 0, scale: 1 },
    make: (values) =>
      withRuns(...along("views", points, values.map((gain) => [60, 1, 2, 20 + gain]))),
  },
  {
    measurement: { kind: "sweep_plateau", condition, axis: "views" },
    ...{ bound: 0, scale: 0.2 },
    // 32 points in four doublings before the last two, of which half is 4 a doubling.
    make: (values) =>
      withRuns(
        ...along("views", points, values.map((below) => [20, 30, 52, 52 + 2 * (4 - below)])),
      ),
  },
  {
    measurement: { kind: "sweep_threshold", condition, axis: "width" },
    ...{ bound: 50, scale: 1 },
    make: (values) =>
      withRuns(
        ...each({ ...RANDOM, width: "16" }, values, (more) => ({ fit: 100 - more })),
        ...each({ ...RANDOM, width: "512" }, values, () => ({ fit: 100 })),
      ),
  },
  ...(["linear_gain", "linear_excess"] as const).map((kind): ValueCase => ({
    measurement: { kind, condition },
    ...{ bound: 5, scale: 1 },
    make: (values) => ({
      ...withRuns(...each(RANDOM, values, () => ({}))),
      linear: values.map((value, seed) => {
        const row = (epoch: number, percent: number) => ({
          ...{ epoch, accuracy: percent / 100, train_accuracy: 1, chance: CHANCE / 100 },
          ...{ converged: 1, iterations: 9, queries: 40 },
        });
        const base = kind === "linear_gain" ? 25 : CHANCE;
        return measured({ ...RANDOM, seed: SEEDS[seed] }, [row(0, 25), row(END, base + value)]);
      }),
    }),
  })),
  ...(["transfer_gain", "transfer_difference"] as const).map((kind): ValueCase => ({
    measurement: kind === "transfer_gain" ? { kind, condition } : { kind, ...conditions },
    ...{ bound: 0, scale: 1 },
    make: (values) => ({
      ...withRuns(...each(RANDOM, values, () => ({})), ...each(NONE, values, () => ({}))),
      transfer: values.flatMap((value, seed) =>
        [["a", value], ["b", 40]].flatMap(([target, gain]) =>
          [{ axes: RANDOM, end: 30 + Number(gain) }, { axes: NONE, end: 30 }].map(
            ({ axes, end }) => {
              const row = (epoch: number, percent: number) => ({
                ...{ epoch, layer: "embedding", depth: 2, bank: "clean" },
                ...{ accuracy: percent / 100, chance: CHANCE / 100, queries: 40 },
              });
              const all = { ...axes, seed: SEEDS[seed], target: String(target) };
              return measured(all, [row(0, 30), row(END, end)]);
            },
          )
        )
      ),
    }),
  })),
  {
    measurement: { kind: "capacity_fit" },
    ...{ bound: 50, scale: 1 },
    make: (values) =>
      withRuns(
        ...["2", "8"].flatMap((views) =>
          ["32", "64"].flatMap((samples) =>
            each({ ...RANDOM, label_views: views, samples }, values, (fit) => ({
              fit: views === "8" && samples === "64" ? fit : 1,
            }))
          )
        ),
      ),
  },
];

/** A kind whose course is made from one row per block. */
interface TrendCase {
  readonly measurement: Measurement;
  readonly make: (blocks: readonly Values[]) => ReportInput;
}

const TREND_CASES: readonly TrendCase[] = [
  {
    measurement: { kind: "layer_gain_trend", condition },
    make: (blocks) =>
      withRuns(...blocks.map((block, seed) =>
        run(RANDOM, seed, {
          clean: Object.fromEntries(ENCODER.map((layer, i) => [layer, [20, 20 + block[i]]])),
        })
      )),
  },
  {
    measurement: { kind: "invariance_trend", condition },
    make: (blocks) =>
      withRuns(
        ...blocks.map((block, seed) => run(RANDOM, seed, { invariance: { embedding: block } })),
      ),
  },
  {
    measurement: { kind: "sweep_trend", condition, axis: "views", fitted: false },
    make: (blocks) => withRuns(...along("views", points.slice(0, 3), blocks)),
  },
  {
    measurement: { kind: "sweep_trend", condition, axis: "views", fitted: true },
    make: (blocks) =>
      withRuns(
        ...along("views", points.slice(1), blocks),
        ...each({ ...RANDOM, views: "1" }, [90, 90, 90], (end) => ({ ...embedding(end), fit: 98 })),
      ),
  },
  {
    measurement: { kind: "sweep_gap_trend", ...conditions, axis: "noise" },
    make: (blocks) =>
      withRuns(
        ...along("noise", ["0", "0.5", "1"], blocks.map(([a, b, c]) => [60 + a, 50 + b, 40 + c])),
        ...along("noise", ["0", "0.5", "1"], blocks.map(() => [60, 50, 40]), NONE),
      ),
  },
  {
    measurement: { kind: "capacity_trend" },
    make: (blocks) =>
      withRuns(
        ...blocks.flatMap((block, seed) =>
          block.map((fit, i) =>
            run({ ...RANDOM, samples: "64", label_views: String(2 ** i) }, seed, { fit })
          )
        ),
      ),
  },
  ...(["samples", "views"] as const).map((name): TrendCase => ({
    measurement: { kind: "toy_trend", along: name },
    make: (blocks) => ({
      ...withRuns(),
      toy: blocks.map((block, seed) =>
        measured(
          { seed: SEEDS[seed] },
          block.map((percent, i) => ({
            ...{ samples: 10, views: 2, [name]: 4 ** i, accuracy: percent / 100 },
            ...{ initial_accuracy: 0.3, fit: 0.5, noise_gain: 1 },
          })),
        )
      ),
    }),
  })),
];

function claim(measurement: Measurement, rest: Partial<Claim>): Claim {
  return {
    ...{ id: "a", statement: "a statement", section: "1", dataset: "d", figure: "table-2" },
    ...{ measurement, direction: "above", value: 0, seeds: 3, test: "mean", memorization: false },
    may_fail: "The sun may shine.",
    ...rest,
  };
}

function outcome(each: Claim, input: ReportInput): string {
  return judgeClaims({ ...input, claims: [each] })[0].outcome;
}

const TRUE = [6, 7, 8];
const FALSE = [-8, -7, -6];
const UNDECIDED = [-9, 1, 11];

for (const { measurement, bound, scale, make } of VALUE_CASES) {
  const at = (values: Values) => make(values.map((value) => bound + scale * value));
  const name = Object.values(measurement).join(" ");
  Deno.test(`${name}: values are measured, and a statement is true, false or undecided`, () => {
    const above = claim(measurement, { value: bound });
    const { quantity } = measureClaim(above, at(TRUE));
    assert.ok(quantity.kind === "values");
    const wanted = TRUE.map((value) => bound + scale * value);
    const close = quantity.parts.filter(({ values }) =>
      values.length === 3 && values.every((value, i) => Math.abs(value - wanted[i]) < 1e-9)
    );
    assert.ok(close.length > 0, JSON.stringify(quantity.parts.map(({ values }) => values)));
    assert.equal(outcome(above, at(TRUE)), "supported");
    assert.equal(outcome(above, at(FALSE)), "not supported");
    assert.equal(outcome(above, at(UNDECIDED)), "not enough data");
    assert.equal(outcome(above, make([])), "not run");
  });
}

const RISING = [[1, 2, 3], [11, 12, 14], [25, 26, 29]];
const FALLING = RISING.map((block) => block.toReversed());
const MIXED = [[1, 3, 2], [12, 11, 13], [29, 25, 26]];

for (const { measurement, make } of TREND_CASES) {
  const name = Object.values(measurement).join(" ");
  Deno.test(`${name}: a course is followed, and a statement is true, false or undecided`, () => {
    const rises = claim(measurement, { direction: "rises" });
    const { quantity } = measureClaim(rises, make(RISING));
    assert.ok(quantity.kind === "trend");
    assert.equal(quantity.points.length, 3);
    assert.equal(outcome(rises, make(RISING)), "supported");
    assert.equal(outcome(rises, make(FALLING)), "not supported");
    assert.equal(outcome(rises, make(MIXED)), "not enough data");
    assert.equal(outcome({ ...rises, direction: "falls" }, make(FALLING)), "supported");
    assert.equal(outcome(rises, make([])), "not run");
  });
}

Deno.test("every kind of measurement is held against made-up data", () => {
  const tested = new Set<MeasurementKind>(
    [...VALUE_CASES, ...TREND_CASES].map(({ measurement }) => measurement.kind),
  );
  const kinds = measurementSchema.options.map((option) => option.shape.kind.value);
  assert.deepEqual(kinds.filter((kind) => !tested.has(kind)), []);
  for (const { measurement } of VALUE_CASES) assert.ok(!isTrend(measurement));
  for (const { measurement } of TREND_CASES) assert.ok(isTrend(measurement));
});
