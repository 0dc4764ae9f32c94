/**
 * Figure 9: the embedding probed on other data sets.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { benignCondition, type Condition, mainConditions } from "../conditions.ts";
import { type Estimate, estimateShare } from "../estimate.ts";
import type { Figure, FigureDefinition } from "../figure.ts";
import { estimateText, listText } from "../format.ts";
import type { ProbeRow, ReportInput, Run } from "../input.ts";
import { EMBEDDING } from "../measures.ts";
import { measuredOn } from "../measured.ts";
import { COLOURS } from "../palette.ts";
import { datasetName } from "./table_2.ts";

/** The axis that names the other data set. */
export const TARGET_AXIS = "target";

const PLOT = { width: 460, height: 260 };
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
        { run, target, init: init.accuracy, end: end.accuracy, queries: end.queries },
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
      "Bars are 95 % intervals (Student's t over seeds) where there are several.",
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

function chart(
  input: ReportInput,
  conditions: readonly Condition[],
  targets: readonly string[],
): TopLevelSpec {
  const values = targets.flatMap((target) => {
    const at = (condition: Condition) =>
      transfersOf(input, condition).filter((each) => each.target === target);
    const inits = conditions.flatMap(at).map(({ init }) => init);
    return [
      { condition: INIT, colour: COLOURS.init, target, ...inPercent(estimateShare(inits)) },
      ...conditions.filter((condition) => at(condition).length > 0).map((condition) => ({
        condition: condition.name,
        colour: condition.colour,
        target,
        ...inPercent(estimateShare(at(condition).map(({ end }) => end))),
      })),
    ];
  });
  const order = [INIT, ...conditions.map(({ name }) => name)];
  const paints = [COLOURS.init, ...conditions.map(({ colour }) => colour)];
  const fills = [
    COLOURS.init,
    ...conditions.map(({ colour, filled }) => filled ? colour : COLOURS.paper),
  ];
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
  return {
    ...PLOT,
    data: { values },
    encoding: {
      x: {
        field: "target",
        type: "nominal",
        sort: [...targets],
        axis: { title: "Data set that is probed", labelAngle: 0 },
      },
      xOffset: { field: "condition", sort: order },
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2.5, opacity: 0.45 },
        encoding: {
          y: { field: "low", ...y },
          y2: { field: "high" },
          color: { field: "colour", type: "nominal", scale: null },
        },
      },
      {
        mark: { type: "point", size: 100, strokeWidth: 2.5, opacity: 1 },
        encoding: {
          y: { field: "mean", ...y },
          stroke: paint(paints),
          fill: paint(fills),
          tooltip: [
            { field: "condition", title: "Condition" },
            { field: "target", title: "Data set" },
            { field: "mean", title: "Mean, %", format: ".1f" },
            { field: "low", title: "95 % interval from", format: ".1f" },
            { field: "high", title: "to", format: ".1f" },
            { field: "n", title: "Seeds" },
          ],
        },
      },
    ],
  };
}

function inPercent({ mean, low, high, n }: Estimate) {
  return { mean: 100 * mean, low: 100 * (low ?? mean), high: 100 * (high ?? mean), n };
}
