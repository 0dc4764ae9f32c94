/**
 * Test images in the plane of their embeddings' largest variance.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { conditionId, mainConditions } from "../input/conditions.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { listText, percent } from "../render/format.ts";
import type { EmbeddingRow, ReportInput, Run } from "../input/input.ts";
import { measuredOn } from "../input/measured.ts";
import { COLOURS } from "../render/palette.ts";

const PANEL = { width: 225, height: 225 };
/** Five colours that hold up in both themes; with the shapes every class of ten differs. */
const HUES = [
  COLOURS.random,
  COLOURS.clean,
  COLOURS.encoder,
  COLOURS.projector,
  COLOURS.ink,
];
const SHAPES = ["circle", "triangle-up", "cross", "diamond", "square"];
/** A legend of more classes would not be read. */
const CLASSES_NAMED = 25;

/** A picture of the embedding. */
export const embedding: FigureDefinition = {
  id: "embedding",
  title: "The embedding in the plane",
  shows: "Test images, coloured by their true class, in the plane of their embeddings' first two " +
    "principal components, before and after training on random labels.",
  build,
};

interface Panel {
  readonly title: string;
  readonly run: Run;
  readonly rows: readonly EmbeddingRow[];
}

function build(input: ReportInput): Figure | null {
  const panels = panelsOf(input);
  if (panels.length === 0) return null;
  const classes = [...new Set(input.datasheet.map((row) => row.class))];
  const texts = panels.map(({ title, rows }) => `${title} ${percent(rows[0].explained)} %`);
  return {
    description: `${panels[0].rows.length} test images. Share of the variance in the plane: ${
      texts.join("; ")
    }.`,
    chart: chart(panels, classes),
    ours: `share of the variance in the plane: ${listText(texts)}; ${
      panels[0].rows.length
    } test images, seed ${panels[0].run.axes.seed}`,
    notes: [
      "Embeddings are scaled to unit length, as K-NN compares them. Each panel has axes of its own: " +
      "distances compare within a panel only, and what looks mixed may be apart in other dimensions.",
    ],
    runs: [...new Set(panels.map(({ run }) => run))],
    data: {
      columns: ["panel", "epoch", "index", "label", "x", "y"],
      rows: panels.flatMap(({ title, rows }) =>
        rows.map(({ epoch, index, label, x, y }) => [title, epoch, index, label, x, y])
      ),
    },
  };
}

/** INIT once, then the end of each condition that was measured. */
function panelsOf(input: ReportInput): Panel[] {
  const measured = mainConditions(input).flatMap((condition) => {
    const run = condition.runs.find((each) => measuredOn(input.embedding, each) !== undefined);
    return run === undefined ? [] : [{ name: condition.name, run }];
  });
  return measured.flatMap(({ name, run }, i) => {
    const rows = measuredOn(input.embedding, run)!.rows;
    const last = Math.max(...rows.map(({ epoch }) => epoch));
    const at = (epoch: number) => rows.filter((row) => row.epoch === epoch);
    const end = { title: name, run, rows: at(last) };
    return i === 0 ? [{ title: "INIT", run, rows: at(0) }, end] : [end];
  });
}

function chart(panels: readonly Panel[], classes: readonly string[]): TopLevelSpec {
  const byClass = {
    field: "class",
    type: "nominal" as const,
    title: null,
    legend: classes.length > CLASSES_NAMED ? null : { columns: 5, symbolSize: 80 },
  };
  return {
    hconcat: panels.map(({ title, run, rows }, i) => ({
      ...PANEL,
      title: { text: title, fontSize: 11 },
      data: {
        values: rows.map(({ x, y, label, index }) => ({
          x,
          y,
          index,
          class: classes[label] ?? `class ${label}`,
        })),
      },
      mark: { type: "point" as const, size: 20, filled: true, opacity: 0.8 },
      encoding: {
        x: coordinate("x", "First principal component"),
        y: coordinate("y", i === 0 ? "Second principal component" : null),
        color: {
          ...byClass,
          scale: { domain: [...classes], range: classes.map((_, k) => HUES[k % HUES.length]) },
        },
        shape: {
          ...byClass,
          scale: {
            domain: [...classes],
            range: classes.map((_, k) => SHAPES[Math.floor(k / HUES.length) % SHAPES.length]),
          },
        },
        tooltip: [{ field: "class", title: "Class" }, { field: "index", title: "Test image" }],
      },
      name: `panel_${i}_${conditionId(run.axes)}`,
    })),
    spacing: 24,
  };
}

function coordinate(field: "x" | "y", title: string | null) {
  return {
    field,
    type: "quantitative" as const,
    scale: { zero: false, nice: false },
    axis: { title, labels: false, ticks: false, grid: false, domain: true },
  };
}
