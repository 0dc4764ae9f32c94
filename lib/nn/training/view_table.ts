/**
 * Tables of the pipeline as what training reads: images chosen by index, views of them, states of
 * a network. Letters: n samples, B views per sample, H rows, W columns.
 *
 * @module
 */
import type { Rows, TableSchema } from "../../arrow/schema.ts";
import type { TableFile } from "../../arrow/reader.ts";
import type { checkpointSchema, imageSchema, viewSchema } from "../../tables/schemas.ts";
import { resizeBilinear } from "../../augment/image/resize.ts";
import type { StateEntry } from "../network/checkpoint.ts";
import { type ImageShape, imagesInMemory, type ImageSource } from "../network/images.ts";
import type { ViewSource } from "./views.ts";

type ColumnsOf<S> = S extends TableSchema<infer C> ? C : never;
/** A table with numbered images. */
export type ImageTable = TableFile<
  Pick<ColumnsOf<typeof imageSchema>, "index" | "image">
>;
/** A table with numbered views. */
export type ViewTable = TableFile<ColumnsOf<typeof viewSchema>>;

/**
 * The images with the given indices, in their order, in memory that workers can share.
 *
 * @param index Numbers of samples, [n].
 * @param size Side to which images are resized as Pillow does it; `null` leaves them as they are.
 * @throws {RangeError} if the table lacks one.
 */
export function imagesOf(
  table: ImageTable,
  index: ArrayLike<number>,
  size: number | null,
): ImageSource {
  const rowOf = new Map(table.column("index").entries().map(([row, i]) => [i, row]));
  const [height, width] = table.shapeOf("image");
  const rows = Int32Array.from(index, (i) => requireRow(rowOf.get(i), i, table.path));
  const native = sharedBytes(rows.length * height * width * 3);
  table.gather("image", rows, native);
  const source = imagesInMemory(native, [height, width, 3]);
  return size === null || (size === height && size === width) ? source : resized(source, size);
}

/** All images of a table, in its order. */
export function allImagesOf(table: ImageTable, size: number | null): ImageSource {
  return imagesOf(table, table.column("index"), size);
}

function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

function resized(source: ImageSource, size: number): ImageSource {
  const [height, width] = source.shape;
  const out = sharedBytes(source.count * size * size * 3);
  for (let i = 0; i < source.count; i++) {
    const image = source.read(i, 1) as Uint8Array;
    const small = resizeBilinear(image, { height, width }, { height: size, width: size });
    out.set(small, i * size * size * 3);
  }
  return imagesInMemory(out, [size, size, 3]);
}

/**
 * The views of chosen samples, read from their file when they are needed: 50,000 x 64 views do not
 * fit into memory, and the system caches what is read often.
 *
 * @param index Numbers of the samples, [n]; row i of the training set is sample `index[i]`.
 * @throws {RangeError} if a sample has fewer views than others, or none; or if there are no views.
 */
export function viewsOf(
  table: ViewTable,
  index: ArrayLike<number>,
): { source: ViewSource; shape: ImageShape } {
  const [height, width] = table.shapeOf("image");
  const { rows, viewsPerSample } = viewRows(table, index);
  return {
    shape: [height, width, 3],
    source: {
      viewsPerSample,
      gather: (samples, views, out) =>
        table.gather(
          "image",
          samples.map((sample, i) => rows[sample * viewsPerSample + views[i]]),
          out,
        ),
    },
  };
}

/** Marks a view that is not there. */
const NO_ROW = -1;

/** The rows of the samples' views, [n, B]: of 50,000 x 64 views they take 13 MB. */
function viewRows(table: ViewTable, index: ArrayLike<number>) {
  const views = table.column("view");
  if (views.length === 0) {
    throw new RangeError(`Cannot train on ${table.path} as it must hold views: it has no row`);
  }
  const viewsPerSample = views.reduce((largest, view) => Math.max(largest, view)) + 1;
  const rows = new Int32Array(index.length * viewsPerSample).fill(NO_ROW);
  const places = new Map(Array.from(index, (sample, place) => [sample, place]));
  table.column("index").forEach((sample, row) => {
    const place = places.get(sample);
    if (place !== undefined) rows[place * viewsPerSample + views[row]] = row;
  });
  const missing = rows.indexOf(NO_ROW);
  if (missing >= 0) {
    const place = Math.floor(missing / viewsPerSample);
    throw new RangeError(
      `Cannot train on ${table.path} as every sample must have the views 0 to ` +
        `${viewsPerSample - 1}: sample ${index[place]} lacks view ${missing % viewsPerSample}`,
    );
  }
  return { rows, viewsPerSample };
}

function requireRow<T>(row: T | undefined, index: number, path: string): T {
  if (row !== undefined) return row;
  throw new RangeError(
    `Cannot train as every sample with a label must be in ${path}: sample ${index} is not`,
  );
}

/** A state as rows of a checkpoint or snapshot. */
export function stateRows(
  entries: readonly StateEntry[],
): Rows<ColumnsOf<typeof checkpointSchema>> {
  return {
    name: entries.map(({ name }) => name),
    shape: entries.map(({ shape }) => Int32Array.from(shape)),
    value: entries.map(({ values }) => values),
  };
}

/** The state in rows of a checkpoint or snapshot. */
export function stateOf(
  rows: readonly { name: string; shape: Int32Array; value: Float32Array }[],
): StateEntry[] {
  return rows.map(({ name, shape, value }) => ({ name, shape: [...shape], values: value }));
}
