/**
 * Table 5: the data set's statistics.
 *
 * @module
 */
import type { Figure, FigureDefinition } from "../figure.ts";
import type { DatasheetRow, ReportInput } from "../input.ts";
import { datasetName } from "./table_2.ts";

const SPLITS = ["train", "test"];

/** The data sheet. */
export const table5: FigureDefinition = {
  id: "table-5",
  title: "The data set",
  shows:
    "Number of images of each class in the training and the test split, and their mean colours.",
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
      caption: "Images by class, and the mean colour of the training images (0 to 1)",
      columns: [
        { title: "Class" },
        { title: "Training images", numeric: true },
        { title: "Test images", numeric: true },
        { title: "Red", numeric: true },
        { title: "Green", numeric: true },
        { title: "Blue", numeric: true },
      ],
      rows: [
        ...classes.map((name) => classRow(name, datasheet)),
        [
          { text: "All" },
          ...totals.map((total) => ({ text: `${total}`, order: total })),
          ...["", "", ""].map((text) => ({ text })),
        ],
      ],
    },
    ours: text,
    notes: [
      "The training split is what the data set offers; a run may train on fewer images (Table 6).",
    ],
    runs: [],
    data: {
      columns: ["split", "class", "images", "red", "green", "blue"],
      rows: datasheet.map((row) => [
        row.split,
        row.class,
        row.images,
        row.red,
        row.green,
        row.blue,
      ]),
    },
  };
}

function classRow(name: string, datasheet: readonly DatasheetRow[]) {
  const [train, test] = SPLITS.map((split) =>
    datasheet.find((row) => row.split === split && row.class === name)
  );
  const count = (images = 0) => ({ text: `${images}`, order: images });
  const shade = (value = NaN) => ({ text: value.toFixed(2), order: value });
  return [
    { text: name },
    count(train?.images),
    count(test?.images),
    shade(train?.red),
    shade(train?.green),
    shade(train?.blue),
  ];
}

function sum(rows: readonly DatasheetRow[]): number {
  return rows.reduce((total, { images }) => total + images, 0);
}
