/**
 * Fixed-size records of label bytes and colour planes: the layout of the CIFAR files.
 *
 * @module
 */
import { ArchiveError } from "../archives/archive_error.ts";
import type { DataSet, ImageBatch, Split } from "./data_set.ts";
import { type ArchiveOptions, countImages } from "./image_counts.ts";
import { type ArchiveFile, readTarFiles } from "../archives/tar_archive.ts";

/** How one record is laid out: label bytes, then a red, a green and a blue plane. */
export interface RecordLayout {
  /** Number of label bytes before the planes. */
  readonly labelBytes: number;
  /** Which of them is the label. */
  readonly labelByte: number;
  /** Number of classes; labels run from 0 to one less. */
  readonly classes: number;
  /** Side of the square images in pixels. */
  readonly side: number;
}

/** A data set of records in a `.tar.gz`. */
export interface RecordArchive {
  readonly name: string;
  /** Class names in the order of the labels. */
  readonly classNames: readonly string[];
  readonly layout: RecordLayout;
  /** The files of each split, in the order of their images. */
  readonly files: Readonly<Record<Split, readonly string[]>>;
  /** Upper limit for the records of one file of each split. */
  readonly maximumRecordsPerFile: Readonly<Record<Split, number>>;
}

const MAXIMUM_UNPACKED_BYTES = 200e6;

/** Images of one batch when a file is cut into batches; 1000 of 32x32 take 3 MB. */
const IMAGES_PER_BATCH = 1000;

/** The data set in an archive. A subset keeps the layout with fewer records a file. */
export function recordDataSet(archive: RecordArchive, options: ArchiveOptions): DataSet {
  const { name, classNames, layout: { side } } = archive;
  return {
    name,
    height: side,
    width: side,
    classNames,
    provenance: options.provenance,
    batches: (split) => countImages(readBatches(archive, options.path, split), split, options),
  };
}

async function* readBatches(
  { layout, files, maximumRecordsPerFile }: RecordArchive,
  path: string,
  split: Split,
): AsyncGenerator<ImageBatch> {
  const options = {
    names: files[split],
    maximumFileBytes: maximumRecordsPerFile[split] * recordBytes(layout),
    maximumUnpackedBytes: MAXIMUM_UNPACKED_BYTES,
  };
  for await (const file of readTarFiles(path, options)) yield* readRecords(path, file, layout);
}

/** Bytes of one record. */
function recordBytes(layout: RecordLayout): number {
  return layout.labelBytes + 3 * layout.side ** 2;
}

/**
 * Cuts a file into records and yields them as batches.
 *
 * @param archive path of the archive, for messages
 * @throws {ArchiveError} if the file is empty or no whole number of records, or a label is out of
 *   range
 */
function* readRecords(
  archive: string,
  file: ArchiveFile,
  layout: RecordLayout,
): Generator<ImageBatch> {
  const size = recordBytes(layout);
  const count = file.bytes.length / size;
  if (count === 0 || !Number.isInteger(count)) {
    throw new ArchiveError(
      archive,
      `${file.name} must hold a whole number of records of ${size} bytes, at least one: ` +
        `current size is ${file.bytes.length} bytes`,
    );
  }
  for (let start = 0; start < count; start += IMAGES_PER_BATCH) {
    const end = Math.min(start + IMAGES_PER_BATCH, count);
    yield readBatch(archive, file, layout, start, end);
  }
}

function readBatch(
  archive: string,
  { name, bytes }: ArchiveFile,
  layout: RecordLayout,
  start: number,
  end: number,
): ImageBatch {
  const pixels = layout.side ** 2;
  const images = new Uint8Array((end - start) * pixels * 3);
  const labels = new Int32Array(end - start);
  for (let record = start; record < end; record++) {
    const offset = record * recordBytes(layout);
    const label = bytes[offset + layout.labelByte];
    requireLabel(archive, name, record, label, layout.classes - 1);
    labels[record - start] = label;
    const planes = bytes.subarray(offset + layout.labelBytes, offset + recordBytes(layout));
    interleave(planes, images.subarray((record - start) * pixels * 3), pixels);
  }
  return { images, labels };
}

/** Turns planes `[3, pixels]` into pixels `[pixels, 3]`. */
function interleave(planes: Uint8Array, out: Uint8Array, pixels: number): void {
  for (let pixel = 0, at = 0; pixel < pixels; pixel++) {
    out[at++] = planes[pixel];
    out[at++] = planes[pixel + pixels];
    out[at++] = planes[pixel + 2 * pixels];
  }
}

/**
 * Checks one label against its range.
 *
 * @throws {ArchiveError} if it lies outside `[minimum, maximum]`
 */
export function requireLabel(
  archive: string,
  file: string,
  record: number,
  label: number,
  maximum: number,
  minimum = 0,
): void {
  if (label >= minimum && label <= maximum) return;
  throw new ArchiveError(
    archive,
    `labels in ${file} must lie between ${minimum} and ${maximum}: ` +
      `current value of record ${record} is ${label}`,
  );
}
