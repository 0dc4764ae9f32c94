/**
 * Figure 1: training images and some of their augmented views.
 *
 * @module
 */
import type { Figure, FigureDefinition } from "./figure.ts";
import { listText } from "../render/format.ts";
import type { ReportInput, SamplePicture } from "../input/input.ts";
import type { Picture } from "../render/png.ts";

const VIEWS_SHOWN = 6;
/** An image is enlarged to about this many pixels. */
const TILE = 48;
const GAP = 4;
/** Between an image and its views. */
const WIDE_GAP = 16;
/** More rows than this are set in two halves, side by side. */
const ROWS_IN_ONE = 5;
const HALVES_GAP = 36;

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
      halves(names).length === 1
        ? `From the top: ${names.join(", ")}.`
        : `Left half from the top: ${halves(names)[0].join(", ")}; right half: ${
          halves(names)[1].join(", ")
        }.`,
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
    .map((row) => row.toSorted((a, b) => a.view - b.view).slice(0, VIEWS_SHOWN + 1))
    .filter(([first]) => first.view === -1);
}

function halves<T>(items: readonly T[]): T[][] {
  if (items.length <= ROWS_IN_ONE) return [[...items]];
  const half = Math.ceil(items.length / 2);
  return [items.slice(0, half), items.slice(half)];
}

function mosaic(rows: readonly SamplePicture[][]): Picture {
  const [{ height, width }] = rows[0];
  const scale = Math.max(1, Math.round(TILE / width));
  const step = { x: width * scale + GAP, y: height * scale + GAP };
  const blocks = halves(rows);
  const blockWidth = Math.max(...rows.map((row) => row.length)) * step.x + WIDE_GAP;
  const total = {
    width: blocks.length * blockWidth + (blocks.length - 1) * HALVES_GAP,
    height: blocks[0].length * step.y,
  };
  const pixels = new Uint8Array(total.width * total.height * 3).fill(255);
  for (const [block, members] of blocks.entries()) {
    for (const [i, row] of members.entries()) {
      for (const [j, image] of row.entries()) {
        const left = block * (blockWidth + HALVES_GAP) + j * step.x + (j > 0 ? WIDE_GAP : 0);
        enlarge(image, scale, pixels, { left, top: i * step.y, width: total.width });
      }
    }
  }
  return { ...total, pixels };
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
