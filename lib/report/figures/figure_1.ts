/**
 * Figure 1: training images and some of their augmented views.
 *
 * @module
 */
import type { Figure, FigureDefinition } from "../figure.ts";
import { listText } from "../format.ts";
import type { ReportInput, SamplePicture } from "../input.ts";
import type { Picture } from "../png.ts";

/** An image is enlarged to about this many pixels. */
const TILE = 56;
const GAP = 4;
/** Between an image and its views. */
const WIDE_GAP = 16;

/** Sample images with their views. */
export const figure1: FigureDefinition = {
  id: "figure-1",
  title: "What augmentation does to an image",
  shows: "Training images (left) and augmented views of each (right), as the network sees them.",
  build,
};

function build(input: ReportInput): Figure | null {
  const { samples, datasheet } = input;
  const rows = sampleRows(samples);
  if (rows.length === 0) return null;
  const classes = [...new Set(datasheet.map((row) => row.class))];
  const names = rows.map(([original]) => classes[original.label] ?? `class ${original.label}`);
  const views = rows[0].length - 1;
  return {
    description:
      `${rows.length} training images, top to bottom of the classes ${listText(names)}, ` +
      `each followed by ${views} of its augmented views.`,
    picture: mosaic(rows),
    paper: "shows views of one image of a cat",
    ours: `${rows.length} images of ${String(input.params.dataset ?? "the data set")}, ` +
      `${views} views each`,
    notes: [
      `Rows, from the top: ${names.join(", ")}.`,
      "Views keep the label: under random labels all views of an image share its random label.",
    ],
    runs: [],
    data: {
      columns: ["row", "index", "class", "view"],
      rows: rows.flatMap((row, i) => row.map(({ index, view }) => [i, index, names[i], view])),
    },
  };
}

/** For each sample its original and then its views. */
function sampleRows(samples: readonly SamplePicture[]): SamplePicture[][] {
  return [...Map.groupBy(samples, ({ index }) => index).values()]
    .map((row) => row.toSorted((a, b) => a.view - b.view))
    .filter(([first]) => first.view === -1);
}

function mosaic(rows: SamplePicture[][]): Picture {
  const scale = Math.max(1, Math.round(TILE / rows[0][0].width));
  const tile = { width: rows[0][0].width * scale, height: rows[0][0].height * scale };
  const columns = Math.max(...rows.map((row) => row.length));
  const width = columns * (tile.width + GAP) + WIDE_GAP;
  const height = rows.length * (tile.height + GAP);
  const pixels = new Uint8Array(width * height * 3).fill(255);
  rows.forEach((row, i) =>
    row.forEach((image, j) => {
      const left = GAP / 2 + j * (tile.width + GAP) + (j > 0 ? WIDE_GAP : 0);
      enlarge(image, scale, pixels, { left, top: GAP / 2 + i * (tile.height + GAP), width });
    })
  );
  return { width, height, pixels };
}

function enlarge(
  image: SamplePicture,
  scale: number,
  out: Uint8Array,
  { left, top, width }: { left: number; top: number; width: number },
): void {
  for (let y = 0; y < image.height * scale; y++) {
    for (let x = 0; x < image.width * scale; x++) {
      const from = 3 * (Math.floor(y / scale) * image.width + Math.floor(x / scale));
      out.set(image.pixels.subarray(from, from + 3), 3 * ((top + y) * width + left + x));
    }
  }
}
