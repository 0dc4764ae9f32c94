/**
 * TinyImageNet-200 in its official layout, `tiny-imagenet-200.zip`.
 *
 * Stanford CS231n, 2015: 200 classes of ImageNet as JPEG files of 64x64 pixels, some of them grey.
 * The official test part has no labels, so the validation part serves as `test`.
 *
 * @module
 */
import { messageOf } from "../../base/message_of.ts";
import { ArchiveError } from "../archives/archive_error.ts";
import type { DataSet, ImageBatch, Split } from "./data_set.ts";
import { type ArchiveOptions, countImages } from "./image_counts.ts";
import { type JpegDecoder, loadJpegDecoder } from "./jpeg.ts";
import { ZipArchive } from "../archives/zip_archive.ts";

const ROOT = "tiny-imagenet-200";
const ANNOTATIONS = `${ROOT}/val/val_annotations.txt`;
const WORDS = `${ROOT}/words.txt`;
const SIZE = { height: 64, width: 64 } as const;
const MAXIMUM_IMAGE_BYTES = 1e6;
const MAXIMUM_TEXT_BYTES = 20e6;
const IMAGES_PER_BATCH = 250;

/** A file of the archive and the class that it shows. */
interface LabelledFile {
  readonly name: string;
  readonly label: number;
}

/**
 * TinyImageNet from an archive.
 *
 * A label is the place of the class's WordNet id among the sorted ids of the train part. Train
 * images are sorted by id, then by file name (the order of torchvision's `ImageFolder`); test
 * images stand in the order of `val_annotations.txt`. Classes bear their names from `words.txt`,
 * or their ids where it is missing. Images are decoded while they are read, one at a time.
 *
 * @throws {ArchiveError} if the archive is damaged or hostile, or lacks a listed file
 */
export async function openTinyImagenet(options: ArchiveOptions): Promise<DataSet> {
  const archive = await ZipArchive.open(options.path);
  const wordnetIds = findWordnetIds(archive);
  const files: Record<Split, readonly LabelledFile[]> = {
    train: findTrainFiles(archive, wordnetIds),
    test: await readValidationFiles(archive, wordnetIds),
  };
  return {
    name: "tiny-imagenet-200",
    ...SIZE,
    classNames: await readClassNames(archive, wordnetIds),
    provenance: options.provenance,
    batches: (split) => countImages(decodeBatches(archive, files[split]), split, options),
  };
}

/** Parts of a train image's name: `<root>/train/<id>/images/<file>.JPEG`. */
const TRAIN_IMAGE = new RegExp(`^${ROOT}/train/(n\\d{8})/images/[^/]+\\.JPEG$`);

function findWordnetIds(archive: ZipArchive): readonly string[] {
  const ids = new Set<string>();
  for (const name of archive.names) {
    const match = TRAIN_IMAGE.exec(name);
    if (match !== null) ids.add(match[1]);
  }
  if (ids.size === 0) {
    throw new ArchiveError(
      archive.path,
      `it must contain ${ROOT}/train/<id>/images: no such entry`,
    );
  }
  return [...ids].sort();
}

function findTrainFiles(archive: ZipArchive, ids: readonly string[]): readonly LabelledFile[] {
  const labels = new Map(ids.map((id, label) => [id, label]));
  return [...archive.names].sort().flatMap((name) => {
    const match = TRAIN_IMAGE.exec(name);
    return match === null ? [] : [{ name, label: labels.get(match[1])! }];
  });
}

/** Reads `val_annotations.txt`: file, WordNet id and box, separated by tabs. */
async function readValidationFiles(
  archive: ZipArchive,
  ids: readonly string[],
): Promise<readonly LabelledFile[]> {
  const labels = new Map(ids.map((id, label) => [id, label]));
  const seen = new Set<string>();
  return (await readLines(archive, ANNOTATIONS)).map((line, index) => {
    const [file, id] = line.split("\t");
    const label = labels.get(id);
    const name = `${ROOT}/val/images/${file}`;
    if (label === undefined || seen.has(name) || !archive.has(name)) {
      throw new ArchiveError(
        archive.path,
        `line ${
          index + 1
        } of ${ANNOTATIONS} must name an image of the archive, once, and a class ` +
          `of its train part: current line is ${JSON.stringify(line.slice(0, 80))}`,
      );
    }
    seen.add(name);
    return { name, label };
  });
}

async function readClassNames(
  archive: ZipArchive,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (!archive.has(WORDS)) return ids;
  const lines = await readLines(archive, WORDS);
  const words = new Map(lines.map((line) => line.split("\t") as [string, string]));
  return ids.map((id) => words.get(id) ?? id);
}

async function readLines(archive: ZipArchive, name: string): Promise<readonly string[]> {
  const text = new TextDecoder().decode(await archive.readOne(name, MAXIMUM_TEXT_BYTES));
  return text.split(/\r?\n/).filter((line) => line !== "");
}

async function* decodeBatches(
  archive: ZipArchive,
  files: readonly LabelledFile[],
): AsyncGenerator<ImageBatch> {
  const decode = await loadJpegDecoder();
  for (let start = 0; start < files.length; start += IMAGES_PER_BATCH) {
    yield await decodeBatch(archive, decode, files.slice(start, start + IMAGES_PER_BATCH));
  }
}

async function decodeBatch(
  archive: ZipArchive,
  decode: JpegDecoder,
  files: readonly LabelledFile[],
): Promise<ImageBatch> {
  const images = new Uint8Array(files.length * SIZE.height * SIZE.width * 3);
  let offset = 0;
  for await (const file of archive.read(files.map(({ name }) => name), MAXIMUM_IMAGE_BYTES)) {
    const pixels = explain(archive.path, file.name, () => decode(file.bytes, SIZE));
    images.set(pixels, offset);
    offset += pixels.length;
  }
  return { images, labels: Int32Array.from(files, ({ label }) => label) };
}

function explain(path: string, name: string, decode: () => Uint8Array): Uint8Array {
  try {
    return decode();
  } catch (error) {
    const reason = messageOf(error);
    throw new ArchiveError(path, `${name} must be an image (${reason})`, { cause: error });
  }
}
