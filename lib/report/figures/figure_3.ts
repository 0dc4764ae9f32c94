/**
 * Figure 3: K-NN accuracy by layer, with clean and with noisy labels, in the course of training.
 *
 * @module
 */
import { referenceLine, tones } from "./channels.ts";
import { benignCondition, type Condition, findCondition } from "../input/conditions.ts";
import type { DataValue } from "../render/data_table.ts";
import { estimateShare } from "../render/estimate.ts";
import {
  ESTIMATE_TOOLTIP,
  inPercent,
  INTERVAL_MARK,
  MARKS_NOTE,
} from "../render/estimate_marks.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText } from "../render/format.ts";
import type { ReportInput } from "../input/input.ts";
import { EMBEDDING, type LayerName, layersOf, probeRow } from "../input/measures.ts";
import { type Moment, momentsOf, thinned } from "../input/moments.ts";
import { COLOURS } from "../render/palette.ts";

const PANEL = { width: 335, height: 220 };
const MOMENTS_SHOWN = 5;
const BANKS = ["clean", "noisy"] as const;
const PANEL_TITLES = {
  clean: "Clean probing: true labels, test images",
  noisy: "Noisy probing: training labels, training images",
};

type Bank = typeof BANKS[number];

/** K-NN accuracy by layer. */
export const figure3: FigureDefinition = {
  id: "figure-3",
  title: "Where features are learnt and where labels are memorised",
  shows:
    "K-NN accuracy of each layer at several moments of training, with the true labels (left) " +
    "and with the random training labels (right); P and O are the projector's hidden layer and output.",
  build,
};

function build(input: ReportInput): Figure | null {
  const benign = benignCondition(input);
  if (benign === undefined) return null;
  const malign = findCondition(input, "random_none");
  const conditions = malign === undefined ? [benign] : [benign, malign];
  const runs = conditions.flatMap((condition) => condition.runs);
  const layers = layersOf(benign.runs[0]);
  const output = layers.at(-1)!.layer;
  const at = (bank: Bank, layer: string) => endText(benign, bank, layer);
  return {
    description: `${benign.name}, end of training. Clean probing: embedding ` +
      `${at("clean", EMBEDDING)}, output ${at("clean", output)}. Noisy probing: embedding ` +
      `${at("noisy", EMBEDDING)}, output ${at("noisy", output)}.`,
    chart: {
      vconcat: conditions.map((condition) => row(condition, layers)),
      spacing: 28,
      resolve: { scale: { color: "independent", opacity: "independent" } },
    },
    paper: "76 % at the embedding (clean); the other points are not published in the text",
    ours:
      `clean probing ${at("clean", EMBEDDING)} at the embedding and ${at("clean", output)} at ` +
      `the output; noisy probing ${at("noisy", EMBEDDING)} and ${at("noisy", output)}`,
    notes: [
      MARKS_NOTE,
      "Representations are flattened and normalised to length 1; K = 20. In noisy probing a query " +
      "is no neighbour of itself, so a layer that knows nothing scores chance.",
      "The paper's caption contradicts itself on which line is dashed; here the two probes have " +
      "panels of their own.",
    ],
    runs,
    data: {
      columns: [
        ...["labels", "augmentation", "seed", "epoch", "layer", "depth", "bank"],
        ...["accuracy", "chance", "queries"],
      ],
      rows: runs.flatMap(({ axes, probe }) =>
        probe.map((each): DataValue[] => [
          ...[axes.labels, axes.augmentation, axes.seed, each.epoch, each.layer, each.depth],
          ...[each.bank, each.accuracy, each.chance, each.queries],
        ])
      ),
    },
  };
}

function endText(condition: Condition, bank: Bank, layer: string): string {
  const values = accuracies(condition, bank, layer, momentsOf(condition).at(-1)!);
  return values.length === 0 ? "not measured" : estimateText(estimateShare(values));
}

function accuracies({ runs }: Condition, bank: Bank, layer: string, moment: Moment): number[] {
  return runs.flatMap((run) =>
    probeRow(run, { bank, layer, epoch: moment.epochOf(run) })?.accuracy ?? []
  );
}

function row(condition: Condition, layers: readonly LayerName[]) {
  const moments = thinned(
    momentsOf(condition).filter((moment) => isWhole(condition, moment, layers)),
    MOMENTS_SHOWN,
  );
  return {
    title: { text: condition.name, color: condition.colour },
    hconcat: BANKS.map((bank, i) => panel(condition, bank, { layers, moments, first: i === 0 })),
    spacing: 30,
    resolve: { scale: { color: "shared" as const, opacity: "shared" as const } },
  };
}

/** Whether every layer was probed then; at some moments only the embedding is. */
function isWhole({ runs }: Condition, moment: Moment, layers: readonly LayerName[]): boolean {
  return runs.every((run) =>
    layers.every(({ layer }) =>
      probeRow(run, { bank: "clean", layer, epoch: moment.epochOf(run) }) !== undefined
    )
  );
}

interface PanelOptions {
  readonly layers: readonly LayerName[];
  readonly moments: readonly Moment[];
  /** Whether it bears the title of the vertical axis. */
  readonly first: boolean;
}

function panel(condition: Condition, bank: Bank, options: PanelOptions) {
  const { layers, moments } = options;
  const chance = condition.runs[0].probe.find((each) => each.bank === bank)?.chance ?? NaN;
  const encoding = encodingOf(condition.colour, options);
  const points = { layers, moments, bank };
  const means = meanPoints(condition, points);
  return {
    ...PANEL,
    title: { text: PANEL_TITLES[bank], fontWeight: "normal" as const, offset: 26 },
    layer: [
      projectorShade(layers),
      ...boundary(layers),
      ...referenceLine(100 * chance, "chance", PANEL),
      {
        data: { values: means },
        mark: { type: "rule" as const, strokeWidth: INTERVAL_MARK.strokeWidth },
        encoding: { ...encoding, y: { ...encoding.y, field: "low" }, y2: { field: "high" } },
      },
      {
        data: { values: seedPoints(condition, points) },
        mark: { type: "circle" as const, size: 14 },
        encoding,
      },
      {
        data: { values: means },
        mark: { type: "line" as const, strokeWidth: 2.4, point: { size: 36 } },
        encoding,
      },
    ],
  };
}

interface Points {
  readonly layers: readonly LayerName[];
  readonly moments: readonly Moment[];
  readonly bank: Bank;
}

function seedPoints({ runs }: Condition, { layers, moments, bank }: Points) {
  return moments.flatMap((moment) =>
    layers.flatMap(({ layer }) =>
      runs.flatMap((run) => {
        const found = probeRow(run, { bank, layer, epoch: moment.epochOf(run) });
        return found === undefined
          ? []
          : [{ moment: moment.name, layer, mean: 100 * found.accuracy }];
      })
    )
  );
}

function meanPoints(condition: Condition, { layers, moments, bank }: Points) {
  return moments.flatMap((moment) =>
    layers.flatMap(({ layer }) => {
      const values = accuracies(condition, bank, layer, moment);
      return values.length === 0 ? [] : [{
        moment: moment.name,
        layer,
        ...inPercent(estimateShare(values)),
      }];
    })
  );
}

/** The bands behind the projector's layers. */
function projectorShade(layers: readonly LayerName[]) {
  return {
    data: { values: layers.filter(({ projector }) => projector) },
    mark: { type: "bar" as const, color: COLOURS.grid, opacity: 0.55 },
    encoding: { x: layerAxis(layers), y: { value: 0 }, y2: { value: PANEL.height } },
  };
}

/** The line between encoder and projector, with both names above the plot. */
function boundary(layers: readonly LayerName[]) {
  const data = { values: layers.filter(({ projector }) => projector).slice(0, 1) };
  const x = { ...layerAxis(layers), bandPosition: 0 };
  const name = (text: string, align: "left" | "right", dx: number) => ({
    data,
    mark: { type: "text" as const, text, align, dx, dy: -10, fontSize: 11, color: COLOURS.muted },
    encoding: { x, y: { value: 0 } },
  });
  return [
    {
      data,
      mark: { type: "rule" as const, strokeWidth: 1.5, color: COLOURS.ink },
      encoding: { x, y: { value: -18 }, y2: { value: PANEL.height } },
    },
    name("encoder", "right", -6),
    name("projector", "left", 6),
  ];
}

function layerAxis(layers: readonly LayerName[]) {
  return {
    field: "layer",
    type: "ordinal" as const,
    sort: layers.map(({ layer }) => layer),
    scale: { type: "band" as const, padding: 0 },
    axis: { title: "Layer, from input to output", labelAngle: -35 },
  };
}

function encodingOf(colour: string, { layers, moments, first }: PanelOptions) {
  const names = moments.map(({ name }) => name);
  const moment = { field: "moment", type: "ordinal" as const, title: null, sort: names };
  return {
    x: layerAxis(layers),
    y: {
      field: "mean",
      type: "quantitative" as const,
      scale: { domain: [0, 100] },
      axis: { title: first ? "K-NN accuracy, %" : null, tickCount: 5 },
    },
    color: {
      ...moment,
      scale: { domain: names, range: names.map((_, i) => i === 0 ? COLOURS.init : colour) },
      legend: { symbolSize: 90 },
    },
    opacity: {
      ...moment,
      scale: { domain: names, range: opacities(names.length) },
    },
    tooltip: [
      { field: "moment", title: "Moment" },
      { field: "layer", title: "Layer" },
      ...ESTIMATE_TOOLTIP,
    ],
  };
}

/** From INIT, drawn in full, through ever stronger tones to the end. */
function opacities(count: number): number[] {
  return [1, ...tones(count - 1)];
}
