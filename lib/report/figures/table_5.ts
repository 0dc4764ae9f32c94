/**
 * Table 5: the data sets' statistics.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { countCell } from "../render/cells.ts";
import type { Figure, FigureDefinition } from "./figure.ts";
import { shortKey } from "../render/format.ts";
import type { DatasheetRow, ReportInput } from "../input/input.ts";
import { COLOURS } from "../render/palette.ts";
import type { Cell } from "../render/view_table.ts";
import { datasetName } from "./table_2.ts";

const PANEL = { width: 225, rowHeight: 20 };
/** Bars of more classes than this would not be read; the data file has them. */
const CLASSES_DRAWN = 30;
const MAIN = "main";

/** The data sheet. */
export const table5: FigureDefinition = {
  id: "table-5",
  title: "The data sets",
  shows: "What every data set that was used holds, how evenly its classes are filled, and " +
    "checksums of its pixels and labels. Bars count the images of each class of the main data set.",
  build,
};

/** A split of a data set; all its rows hold the same facts but for class and number of images. */
interface Split {
  readonly dataset: string;
  /** The instance that made it. */
  readonly origin: string;
  readonly rows: readonly DatasheetRow[];
}

function build(input: ReportInput): Figure | null {
  const splits = splitsOf(input);
  if (splits.length === 0) return null;
  const main = splits.filter(({ origin }) => origin === MAIN);
  const classes = main[0].rows.length;
  const text = `${main[0].dataset}: ${
    main.map(({ rows }) => `${total(rows)} ${rows[0].split} images`).join(", ")
  }, ${classes} classes`;
  return {
    description: `${text}.`,
    chart: classes > CLASSES_DRAWN ? undefined : chart(main),
    table: {
      caption: "Data sets, and the first digits of the SHA-256 of their pixels and labels in order",
      columns: [
        { title: "Data set" },
        { title: "Split" },
        ...["images", "classes", "images a class"].map((title) => ({ title, numeric: true })),
        { title: "Mean red, green, blue" },
        { title: "Pixels" },
        { title: "Labels" },
      ],
      rows: splits.map(splitRow),
    },
    ours: text,
    notes: [
      "Classes are balanced where the two numbers of images a class are equal. Colours are means " +
      "over all pixels, from 0 to 1. Whole checksums and every class's count are in the data file.",
      `Sources: ${
        [...new Set(splits.map(({ rows: [{ provenance }] }) => provenance))].join("; ")
      }.`,
    ],
    runs: [],
    data: {
      columns: [
        ...["dataset", "origin", "split", "class", "images", "red", "green", "blue"],
        ...["pixel_sha256", "label_sha256"],
      ],
      rows: splits.flatMap(({ dataset, origin, rows }) =>
        rows.map((row) => [
          ...[dataset, origin, row.split, row.class, row.images, row.red, row.green, row.blue],
          ...[row.pixel_sha256, row.label_sha256],
        ])
      ),
    },
  };
}

/** The main data set's splits, then those of the others, each once and none that is empty. */
function splitsOf(input: ReportInput): Split[] {
  const sheets = [
    { dataset: datasetName(input), instance: MAIN, rows: input.datasheet },
    ...input.otherDatasheets ?? [],
  ];
  const splits = sheets.flatMap(({ dataset, instance, rows }) =>
    [...Map.groupBy(rows, ({ split }) => split).values()]
      .filter((group) => total(group) > 0)
      .map((group) => ({ dataset, origin: instance, rows: group }))
  );
  const alike = Map.groupBy(
    splits,
    ({ rows: [first] }) => `${first.split} ${first.pixel_sha256} ${first.label_sha256}`,
  );
  return [...alike.values()].map(([first]) => first);
}

function splitRow({ dataset, origin, rows }: Split): Cell[] {
  const [{ split, red, green, blue, pixel_sha256, label_sha256 }] = rows;
  const counts = rows.map(({ images }) => images);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return [
    { text: dataset, detail: origin === MAIN ? undefined : origin },
    { text: split },
    countCell(total(rows)),
    countCell(rows.length),
    { text: fewest === most ? `${fewest}` : `${fewest}–${most}`, order: fewest / most },
    { text: [red, green, blue].map((value) => value.toFixed(3)).join(", ") },
    checksumCell(pixel_sha256),
    checksumCell(label_sha256),
  ];
}

function checksumCell(sha256: string): Cell {
  return { text: `${shortKey(sha256)}…` };
}

function total(rows: readonly DatasheetRow[]): number {
  return rows.reduce((sum, { images }) => sum + images, 0);
}

/** Bars by class, a panel a split: their sizes differ too much for one axis. */
function chart(splits: readonly Split[]): TopLevelSpec {
  return {
    hconcat: splits.map(({ rows }, i) => {
      const y = {
        field: "class",
        type: "nominal" as const,
        sort: rows.map((row) => row.class),
        axis: i === 0 ? { title: null, labelLimit: 0 } : null,
      };
      const x = {
        field: "images",
        type: "quantitative" as const,
        axis: { title: `Images, ${rows[0].split} split`, tickCount: 4, format: "d", grid: true },
      };
      return {
        width: PANEL.width,
        height: PANEL.rowHeight * rows.length,
        data: { values: rows.map((row) => ({ class: row.class, images: row.images })) },
        encoding: { x, y },
        layer: [
          {
            mark: { type: "bar" as const, color: COLOURS.init, height: { band: 0.7 } },
            encoding: {
              tooltip: [{ field: "class", title: "Class" }, { field: "images", title: "Images" }],
            },
          },
          {
            mark: { type: "text" as const, align: "left" as const, dx: 4, fontSize: 11 },
            encoding: { text: { field: "images" } },
          },
        ],
      };
    }),
    spacing: 28,
  };
}
