/**
 * Nearest training images of test images under random-label features and at INIT.
 *
 * @module
 */
import type { Figure, FigureDefinition } from "./figure.ts";
import { listText, percent } from "../render/format.ts";
import type { Measured, NeighbourPicture, ReportInput } from "../input/input.ts";
import { measuredOn } from "../input/measured.ts";
import { mosaic } from "../render/mosaic.ts";

/** Nearest neighbours. */
export const neighbours: FigureDefinition = {
  id: "neighbours",
  title: "What is near in the embedding",
  shows: "Test images (left) with their nearest training images in the untrained network's " +
    "embedding (middle) and after training on random labels with augmentation (right). A dark " +
    "frame marks a neighbour of the test image's true class.",
  build,
};

function build(input: ReportInput): Figure | null {
  const table = input.neighbours?.[0];
  if (table === undefined || table.rows.length === 0) return null;
  const epochs = [...new Set(table.rows.map(({ epoch }) => epoch))].sort((a, b) => a - b);
  const queries = [...new Set(table.rows.map(({ query }) => query))];
  const at = (epoch: number, query: number) => rowsAt(table, epoch, query);
  const last = epochs.at(-1)!;
  const classes = [...new Set(input.datasheet.map((row) => row.class))];
  const names = queries.map((query) => {
    const { label } = at(epochs[0], query)[0];
    return classes[label] ?? `class ${label}`;
  });
  const shares = [epochs[0], last].map((epoch) =>
    sameClassShare(queries.map((query) => at(epoch, query)))
  );
  const text = `of the neighbours, ${percent(shares[0])} % share the test image's class at INIT, ` +
    `${percent(shares[1])} % after training`;
  const runs = input.runs.filter((run) => measuredOn([table], run) !== undefined);
  return {
    description: `${queries.length} test images, top to bottom of the classes ${
      listText(names)
    }: ${text}.`,
    picture: mosaic(queries.map((query) => {
      const [image, ...before] = at(epochs[0], query);
      const [, ...after] = at(last, query);
      const framed = (picture: NeighbourPicture) => ({
        ...picture,
        framed: picture.label === image.label,
      });
      return [
        { ...image, framed: false },
        null,
        ...before.map(framed),
        null,
        ...after.map(framed),
      ];
    })),
    pictureHeadings: headings(at(epochs[0], queries[0]).length - 1),
    ours: `${text}; ${queries.length} test images, seed ${table.axes.seed ?? "0"}`,
    notes: [
      `Rows, from the top: ${names.join(", ")}. Each is the first test image of its class.`,
      "The network never saw a true label; which images are near is its own doing.",
    ],
    runs,
    data: {
      columns: ["epoch", "query", "rank", "index", "label"],
      rows: table.rows.map(({ epoch, query, rank, index, label }) => [
        ...[epoch, query, rank, index, label],
      ]),
    },
  };
}

/** Columns count as a tile, gaps as half of one, as in {@link mosaic}. */
function headings(near: number) {
  const width = 1 + 0.5 + near + 0.5 + near;
  return [
    { text: "Test", left: 0 },
    { text: "Nearest at INIT", left: 1.5 / width },
    { text: "Nearest after training", left: (2 + near) / width },
  ];
}

/** The test image and its neighbours, nearest first. */
function rowsAt(
  { rows }: Measured<NeighbourPicture>,
  epoch: number,
  query: number,
): NeighbourPicture[] {
  return rows.filter((row) => row.epoch === epoch && row.query === query)
    .sort((a, b) => a.rank - b.rank);
}

function sameClassShare(groups: readonly (readonly NeighbourPicture[])[]): number {
  const same = groups.flatMap(([image, ...near]) => near.map(({ label }) => label === image.label));
  return same.filter(Boolean).length / same.length;
}
