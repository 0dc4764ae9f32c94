/**
 * Table 5: the data set's statistics.
 *
 * @module
 */
import type { Figure, FigureDefinition } from "../figure.ts";
import type { DatasheetRow, ReportInput } from "../input.ts";
import { shortKey } from "../format.ts";
import type { Cell } from "../view_table.ts";
import { datasetName } from "./table_2.ts";

const SPLITS = ["train", "test"];

/** The data sheet. */
export const table5: FigureDefinition = {
  id: "table-5",
  title: "The data set",
  shows: "Number of images of each class in the training and the test split.",
  build,
};

function build(input: ReportInput): Figure | null {
  const { datasheet } = input;
  if (datasheet.length === 0) return null;
  const classes = [...new Set(datasheet.map((row) => row.class))];
  const totals = SPLITS.map((split) => sum(datasheet.filter((row) => row.split === split)));
  const text = `${datasetName(input)}: ${totals[0]} training images, ${totals[1]} test images, ` +
    `${classes.length} classes`;
  return {
    description: `${text}.`,
    table: {
      caption: "Images by class",
      columns: [
        { title: "Class" },
        { title: "Training images", numeric: true },
        { title: "Test images", numeric: true },
      ],
      rows: [
        ...classes.map((name) => [
          { text: name },
          ...SPLITS.map((split) => countCell(sum(datasheet.filter(isOf(split, name))))),
        ]),
        [{ text: "all" }, ...totals.map(countCell)],
      ],
    },
    ours: text,
    notes: [
      ...SPLITS.flatMap((split) => {
        const row = datasheet.find(isOf(split));
        return row === undefined ? [] : [splitNote(row)];
      }),
      `Source: ${[...new Set(datasheet.map(({ provenance }) => provenance))].join("; ")}.`,
    ],
    runs: [],
    data: {
      columns: [...["split", "class", "images", "red", "green", "blue"], "pixel_sha256"],
      rows: datasheet.map((row) => [
        row.split,
        row.class,
        row.images,
        row.red,
        row.green,
        row.blue,
        row.pixel_sha256,
      ]),
    },
  };
}

function isOf(split: string, name?: string): (row: DatasheetRow) => boolean {
  return (row) => row.split === split && (name === undefined || row.class === name);
}

function countCell(images: number): Cell {
  return { text: `${images}`, order: images };
}

/** Colour and digest of a split. */
function splitNote({ split, red, green, blue, pixel_sha256 }: DatasheetRow): string {
  const colour = [red, green, blue].map((value) => value.toFixed(3)).join(", ");
  return `Mean colour of the ${split} split (red, green, blue; 0 to 1): ${colour}; SHA-256 of its ` +
    `pixels: ${shortKey(pixel_sha256)}….`;
}

function sum(rows: readonly DatasheetRow[]): number {
  return rows.reduce((total, { images }) => total + images, 0);
}
