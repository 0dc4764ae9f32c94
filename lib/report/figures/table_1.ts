/**
 * Table 1: clean K-NN accuracy by depth after training on random labels without augmentation.
 *
 * @module
 */
import { benignCondition, type Condition, findCondition } from "../input/conditions.ts";
import { estimate, estimateShare } from "../render/estimate.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { estimateText, percent, points } from "../render/format.ts";
import type { ReportInput, Run } from "../input/input.ts";
import { EMBEDDING, lastEpoch, layersOf, probeRow } from "../input/measures.ts";
import type { Cell } from "../render/view_table.ts";

/** Malign memorization by depth. */
export const table1: FigureDefinition = {
  id: "table-1",
  title: "Malign memorization, layer by layer",
  shows:
    "Clean K-NN accuracy of each layer after training on random labels without augmentation, " +
    "beside INIT and beside training with augmentation.",
  build,
};

function build(input: ReportInput): Figure | null {
  const malign = findCondition(input, "random_none");
  if (malign === undefined) return null;
  const benign = benignCondition(input);
  const conditions = benign === undefined ? [malign] : [malign, benign];
  const layers = layersOf(malign.runs[0]);
  const embedding = malign.runs.map((run) => gain(run, EMBEDDING));
  const text = `${
    points(estimate(embedding).mean)
  } points at the embedding, n = ${embedding.length}`;
  return {
    description: `${malign.name} against INIT: ${text}.`,
    table: {
      caption: "Clean K-NN accuracy in %, mean over seeds, and points gained over INIT",
      columns: [
        { title: "Layer" },
        { title: "INIT", numeric: true },
        ...conditions.map(({ name }) => ({ title: name, numeric: true })),
      ],
      rows: layers.map(({ layer, depth }) => [
        { text: layer, order: depth },
        initCell(malign, layer),
        ...conditions.map((condition) => endCell(condition, layer)),
      ]),
    },
    ours: `random labels without augmentation against INIT: ${text}; the embedding ends at ${
      estimateText(
        estimateShare(malign.runs.map((run) => accuracy(run, EMBEDDING, lastEpoch(run)))),
      )
    }`,
    notes: [
      "The paper finds that early layers keep their accuracy at INIT and deep layers lose it.",
    ],
    runs: conditions.flatMap(({ runs }) => runs),
    data: {
      columns: ["labels", "augmentation", "seed", "layer", "depth", "init", "end"],
      rows: conditions.flatMap(({ runs }) =>
        runs.flatMap((run) =>
          layers.map(({ layer, depth }) => [
            run.axes.labels,
            run.axes.augmentation,
            run.axes.seed,
            layer,
            depth,
            accuracy(run, layer, 0),
            accuracy(run, layer, lastEpoch(run)),
          ])
        )
      ),
    },
  };
}

function initCell({ runs }: Condition, layer: string): Cell {
  const { mean } = estimate(runs.map((run) => accuracy(run, layer, 0)));
  return { text: percent(mean), order: mean };
}

function endCell({ runs }: Condition, layer: string): Cell {
  const { mean } = estimate(runs.map((run) => accuracy(run, layer, lastEpoch(run))));
  const { mean: change } = estimate(runs.map((run) => gain(run, layer)));
  return { text: percent(mean), detail: `(${points(change)})`, order: mean };
}

function gain(run: Run, layer: string): number {
  return accuracy(run, layer, lastEpoch(run)) - accuracy(run, layer, 0);
}

/** NaN where it was not measured. */
function accuracy(run: Run, layer: string, epoch: number): number {
  return probeRow(run, { bank: "clean", layer, epoch })?.accuracy ?? NaN;
}
