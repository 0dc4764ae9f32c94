/**
 * Figure 6: normalised invariance by layer in the course of training, beside the K-NN error.
 *
 * @module
 */
import { tones, zoom } from "./channels.ts";
import {
  benignCondition,
  type Condition,
  controlCondition,
  findCondition,
} from "../input/conditions.ts";
import { estimate } from "../render/estimate.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { EMBEDDING, knnAt, layersOf } from "../input/measures.ts";
import { type Moment, momentsOf } from "../input/moments.ts";
import { COLOURS } from "../render/palette.ts";

const PANEL = { width: 330, height: 260 };
const ERROR_NAME = "K-NN error (share)";
/** Bars of every layer would hide the lines. */
const WITH_INTERVALS = [EMBEDDING, ERROR_NAME];

/** Invariance by layer. */
export const figure6: FigureDefinition = {
  id: "figure-6",
  title: "Invariance to augmentation over training",
  shows: "Normalised invariance (Eq. 2) of each layer against the epochs trained; lower is more " +
    "invariant. The dashed line is the embedding's K-NN error.",
  build,
};

function build(input: ReportInput): Figure | null {
  const benign = benignCondition(input);
  if (benign === undefined || !isMeasured(benign)) return null;
  const malign = controlCondition(input) ?? findCondition(input, "random_none");
  const conditions = malign !== undefined && isMeasured(malign) ? [benign, malign] : [benign];
  const runs = conditions.flatMap((condition) => condition.runs);
  const change = embeddingChange(benign);
  return {
    description: conditions.map((condition) =>
      `${condition.name}: the embedding's normalised invariance goes ${embeddingChange(condition)}.`
    ).join(" "),
    chart: {
      hconcat: conditions.map((condition, i) => panel(condition, i === 0)),
      spacing: 36,
      resolve: { scale: { y: "shared" } },
    },
    ours: `${benign.name}: the embedding goes ${change}`,
    notes: [
      "Eq. 2 with norms: the mean distance between two views of a sample over the mean distance to " +
      "other samples. 0 is invariant, 1 as far apart as different samples. The paper's text does " +
      "not tell the norm from its square; the data file holds both.",
      "Lines are means over seeds; bars at the embedding and the K-NN error are 95 % intervals " +
      "(Student's t over seeds), those of the other layers are shown on hover.",
    ],
    runs,
    data: {
      columns: [
        ...["labels", "augmentation", "seed", "epoch", "layer", "depth"],
        ...["invariance", "invariance_squared", "samples"],
      ],
      rows: runs.flatMap(({ axes, invariance }) =>
        invariance.map((each) => [
          axes.labels,
          axes.augmentation,
          axes.seed,
          each.epoch,
          each.layer,
          each.depth,
          each.invariance,
          each.invariance_squared,
          each.samples,
        ])
      ),
    },
  };
}

function isMeasured({ runs }: Condition): boolean {
  return runs.every(({ invariance }) => invariance.length > 0);
}

/** "from 0.81 to 0.42". */
function embeddingChange(condition: Condition): string {
  const moments = momentsOf(condition);
  const [first, last] = [moments[0], moments.at(-1)!].map((moment) =>
    estimate(invariances(condition, EMBEDDING, moment)).mean.toFixed(2)
  );
  return `from ${first} to ${last}`;
}

function invariances({ runs }: Condition, layer: string, moment: Moment): number[] {
  return runs.flatMap((run) => invarianceAt(run, layer, moment.epochOf(run)) ?? []);
}

function invarianceAt({ invariance }: Run, layer: string, epoch: number): number | undefined {
  return invariance.find((row) => row.layer === layer && row.epoch === epoch)?.invariance;
}

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly opacity: number;
  readonly dash: readonly number[];
  readonly width: number;
  value(run: Run, epoch: number): number | undefined;
}

function panel(condition: Condition, first: boolean) {
  const series = seriesOf(condition);
  const values = meanPoints(condition, series);
  const encoding = encodingOf(series, first);
  return {
    ...PANEL,
    title: { text: condition.name, color: condition.colour },
    data: { values },
    layer: [
      {
        data: { values: values.filter(({ name }) => WITH_INTERVALS.includes(name)) },
        mark: { type: "rule" as const },
        encoding: {
          ...encoding,
          strokeWidth: { value: 1.2 },
          strokeDash: { value: [1, 0] },
          y: { ...encoding.y, field: "low" },
          y2: { field: "high" },
        },
      },
      {
        params: [zoom(condition.id, ["x"])],
        mark: { type: "line" as const, point: { size: 24, filled: true } },
        encoding,
      },
    ],
  };
}

function meanPoints(condition: Condition, series: readonly Series[]) {
  return momentsOf(condition).flatMap((moment) =>
    series.flatMap(({ name, value }) => {
      const seeds = condition.runs.flatMap((run) => value(run, moment.epochOf(run)) ?? []);
      if (seeds.length === 0) return [];
      const { mean, low, high, n } = estimate(seeds);
      const ends = { low: low ?? mean, high: high ?? mean };
      return [{ name, epoch: moment.epoch, moment: moment.name, mean, ...ends, n }];
    })
  );
}

function encodingOf(series: readonly Series[], first: boolean) {
  const names = series.map(({ name }) => name);
  const byName = <T>(range: T[]) => ({
    field: "name",
    type: "ordinal" as const,
    title: null,
    sort: names,
    scale: { domain: names, range },
  });
  return {
    x: {
      field: "epoch",
      type: "quantitative" as const,
      scale: { nice: false, padding: 6 },
      axis: { title: "Epochs trained", tickCount: 5 },
    },
    y: {
      field: "mean",
      type: "quantitative" as const,
      scale: { zero: true },
      axis: { title: first ? "Normalised invariance; K-NN error" : null, tickCount: 6 },
    },
    color: {
      ...byName(series.map(({ colour }) => colour)),
      legend: { columns: 4, symbolType: "stroke" as const },
    },
    opacity: byName(series.map(({ opacity }) => opacity)),
    strokeDash: byName(series.map(({ dash }) => [...dash])),
    strokeWidth: byName(series.map(({ width }) => width)),
    tooltip: [
      { field: "name", title: "Layer" },
      { field: "moment", title: "Moment" },
      { field: "mean", title: "Mean over seeds", format: ".3f" },
      { field: "low", title: "95 % interval from", format: ".3f" },
      { field: "high", title: "to", format: ".3f" },
      { field: "n", title: "Seeds" },
    ],
  };
}

/** Encoder layers in ever stronger green, the projector's in pink, the K-NN error dashed. */
function seriesOf({ runs }: Condition): Series[] {
  const measured = new Set(runs[0].invariance.map(({ layer }) => layer));
  const layers = layersOf(runs[0]).filter(({ layer }) => measured.has(layer));
  const encoder = layers.filter(({ projector }) => !projector);
  const projector = layers.filter((each) => each.projector);
  const toSeries =
    (colour: string, count: number) => ({ layer }: { layer: string }, i: number) => ({
      name: layer,
      colour,
      opacity: tones(count)[i],
      dash: [],
      width: layer === EMBEDDING ? 3.2 : 2,
      value: (run: Run, epoch: number) => invarianceAt(run, layer, epoch),
    });
  return [
    ...encoder.map(toSeries(COLOURS.encoder, encoder.length)),
    ...projector.map(toSeries(COLOURS.projector, projector.length)),
    {
      name: ERROR_NAME,
      colour: COLOURS.ink,
      opacity: 1,
      dash: [5, 4],
      width: 2,
      value: (run, epoch) => 1 - knnAt(run, epoch),
    },
  ];
}
