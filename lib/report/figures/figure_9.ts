/**
 * Figure 9: the embedding probed on other data sets.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import {
  benignCondition,
  type Condition,
  conditionId,
  mainConditions,
} from "../input/conditions.ts";
import { estimateShare } from "../render/estimate.ts";
import { ESTIMATE_TOOLTIP, inPercent, INTERVAL_MARK } from "../render/estimate_marks.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText, listText } from "../render/format.ts";
import type { ProbeRow, ReportInput, Run } from "../input/input.ts";
import { EMBEDDING } from "../input/measures.ts";
import { measuredOn } from "../input/measured.ts";
import { COLOURS } from "../render/palette.ts";
import { datasetName } from "./table_2.ts";

/** The axis that names the other data set. */
export const TARGET_AXIS = "target";

const PLOT = { width: 620, height: 260 };
const INIT = "INIT";

/** What the targets of the embedded profile are. */
const STAND_INS: Readonly<Record<string, string>> = {
  larger: "new textures of 32 pixels, reduced to the network's 16",
  smaller: "new textures of 8 pixels, enlarged to the network's 16",
};

/** Transfer. */
export const figure9: FigureDefinition = {
  id: "figure-9",
  title: "Transfer to other data sets",
  shows: "K-NN accuracy on other data sets of the embeddings of the main runs, which never saw " +
    "them: bank and queries are the other data set's training and test images.",
  build,
};

/** K-NN accuracy of a run on a target, at INIT and at the end. */
export interface Transferred {
  readonly run: Run;
  readonly target: string;
  readonly init: number;
  readonly end: number;
  readonly queries: number;
  readonly chance: number;
}

/** The transfers of the main runs that were measured. */
export function transfersOf(input: ReportInput, { runs }: Condition): Transferred[] {
  const targets = new Set(input.transfer?.map(({ axes }) => axes[TARGET_AXIS]));
  return runs.flatMap((run) =>
    [...targets].flatMap((target) => {
      const axes = { ...run.axes, [TARGET_AXIS]: target };
      const rows = (measuredOn(input.transfer, { axes })?.rows ?? []).filter(isEmbedding)
        .toSorted((a, b) => a.epoch - b.epoch);
      const [init, end] = [rows.at(0), rows.at(-1)];
      return init?.epoch !== 0 || end === undefined ? [] : [
        {
          run,
          target,
          init: init.accuracy,
          end: end.accuracy,
          queries: end.queries,
          chance: end.chance,
        },
      ];
    })
  );
}

function isEmbedding({ bank, layer }: ProbeRow): boolean {
  return bank === "clean" && layer === EMBEDDING;
}

function build(input: ReportInput): Figure | null {
  const conditions = mainConditions(input);
  const all = conditions.flatMap((condition) => transfersOf(input, condition));
  if (all.length === 0) return null;
  const targets = [...new Set(all.map(({ target }) => target))];
  const benign = benignCondition(input) ?? conditions[0];
  const texts = targets.map((target) => {
    const own = transfersOf(input, benign).filter((each) => each.target === target);
    return `${target} ${estimateText(estimateShare(own.map(({ end }) => end)))} against INIT ${
      estimateText(estimateShare(own.map(({ init }) => init)))
    }`;
  });
  const standIns = targets.filter((target) => target in STAND_INS);
  return {
    description: `${benign.name}: ${texts.join("; ")}.`,
    chart: chart(input, conditions, targets),
    ours: `${benign.name}: ${texts.join("; ")}`,
    notes: [
      ...standIns.length === 0 ? [] : [
        `The paper transfers from CIFAR10 to CIFAR100 and STL10. No second data set is embedded, ` +
        `so these are stand-ins of the same classes as ${datasetName(input)}: ${
          listText(standIns.map((target) => `“${target}”, ${STAND_INS[target]}`))
        }. They test other images, not other classes.`,
      ],
      "Circles are means over seeds, ticks single seeds, bars 95 % intervals (Student's t over " +
      "seeds) where there are several.",
    ],
    runs: [...new Set(all.map(({ run }) => run))],
    data: {
      columns: ["labels", "augmentation", "target", "seed", "init_knn", "knn", "queries"],
      rows: all.map(({ run: { axes }, target, init, end, queries }) => [
        ...[axes.labels, axes.augmentation, target, axes.seed, init, end, queries],
      ]),
    },
  };
}

/** One value per seed: conditions of a seed start from the same weights. */
function initBySeed(all: readonly Transferred[]): number[] {
  return [...Map.groupBy(all, ({ run }) => run.axes.seed).values()].map((group) =>
    estimateShare(group.map(({ init }) => init)).mean
  );
}

function chart(
  input: ReportInput,
  conditions: readonly Condition[],
  targets: readonly string[],
): TopLevelSpec {
  const series = [
    { condition: INIT, colour: COLOURS.init, fill: COLOURS.init, of: initBySeed },
    ...conditions.map(({ id, name, colour, filled }) => ({
      condition: name,
      colour,
      fill: filled ? colour : COLOURS.paper,
      of: (all: readonly Transferred[]) =>
        all.filter(({ run }) => conditionId(run.axes) === id).map(({ end }) => end),
    })),
  ];
  const all = conditions.flatMap((condition) => transfersOf(input, condition));
  const points = targets.flatMap((target) =>
    series.map(({ condition, colour, of }) => ({
      at: { condition, colour, target },
      shares: of(all.filter((each) => each.target === target)),
    })).filter(({ shares }) => shares.length > 0)
  );
  const order = series.map(({ condition }) => condition);
  const paint = (range: readonly string[]) => ({
    field: "condition",
    type: "nominal" as const,
    title: null,
    sort: order,
    scale: { domain: order, range: [...range] },
    legend: { columns: 3, symbolType: "circle" as const, symbolSize: 110 },
  });
  const y = {
    type: "quantitative" as const,
    scale: { domain: [0, 100] },
    axis: { title: "K-NN accuracy on its test images, %", tickCount: 5 },
  };
  const x = {
    field: "target",
    type: "nominal" as const,
    sort: [...targets],
    axis: { title: "Data set that is probed", labelAngle: 0 },
  };
  const xOffset = { field: "condition", sort: order };
  const own = { field: "colour", type: "nominal" as const, scale: null };
  const means = points.map(({ at, shares }) => ({ ...at, ...inPercent(estimateShare(shares)) }));
  return {
    ...PLOT,
    layer: [
      {
        data: { values: chancesOf(all) },
        mark: {
          type: "tick",
          orient: "horizontal",
          thickness: 1,
          width: { band: 0.9 },
          color: COLOURS.muted,
          strokeDash: [3, 3],
        },
        encoding: { x, y: { field: "chance", ...y } },
      },
      {
        data: { values: chancesOf(all) },
        mark: { type: "text", text: "chance", dy: 10, fontSize: 11, color: COLOURS.muted },
        encoding: { x, y: { field: "chance", ...y } },
      },
      {
        data: { values: means },
        mark: INTERVAL_MARK,
        encoding: { x, xOffset, y: { field: "low", ...y }, y2: { field: "high" }, color: own },
      },
      {
        data: {
          values: points.flatMap(({ at, shares }) =>
            shares.map((share) => ({ ...at, mean: 100 * share }))
          ),
        },
        mark: { type: "tick", orient: "horizontal", width: 24, thickness: 1.5, opacity: 0.8 },
        encoding: { x, xOffset, y: { field: "mean", ...y }, color: own },
      },
      {
        data: { values: means },
        mark: { type: "point", size: 100, strokeWidth: 2.5, opacity: 1 },
        encoding: {
          x,
          xOffset,
          y: { field: "mean", ...y },
          stroke: paint(series.map(({ colour }) => colour)),
          fill: paint(series.map(({ fill }) => fill)),
          tooltip: [
            { field: "condition", title: "Condition" },
            { field: "target", title: "Data set" },
            ...ESTIMATE_TOOLTIP,
          ],
        },
      },
    ],
  };
}

/** The accuracy of guessing on each target, in percent. */
function chancesOf(all: readonly Transferred[]): { target: string; chance: number }[] {
  return [...Map.groupBy(all, ({ target }) => target)].map(([target, [{ chance }]]) => ({
    target,
    chance: 100 * chance,
  }));
}
