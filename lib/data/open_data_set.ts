/**
 * Opens a data set by its name: generates it, or fetches its archive and opens that.
 *
 * @module
 */
import { digestsOfFile } from "../base/digest_file.ts";
import { cifar10 } from "./sets/cifar10.ts";
import { cifar100 } from "./sets/cifar100.ts";
import type { DataSet } from "./sets/data_set.ts";
import { fetchArchive, type FetchedArchive, type FetchOptions } from "./download/fetch.ts";
import type { Checksum } from "./download/checksum.ts";
import type { ArchiveOptions } from "./sets/image_counts.ts";
import {
  type DataSetName,
  PUBLISHED_ARCHIVES,
  type PublishedArchive,
  type PublishedName,
} from "./sets/registry.ts";
import { stl10 } from "./sets/stl10.ts";
import { texturesDataSet, type TexturesDataSetOptions } from "./sets/textures.ts";
import { openTinyImagenet } from "./sets/tiny_imagenet.ts";

/** Opens an archive that is on this machine. */
export type ArchiveReader = (options: ArchiveOptions) => DataSet | Promise<DataSet>;

const READERS: Readonly<Record<PublishedName, ArchiveReader>> = {
  "cifar10": cifar10,
  "cifar100": cifar100,
  "stl10": stl10,
  "tiny-imagenet-200": openTinyImagenet,
};

/** Options of {@linkcode openDataSet}; those of the fetch apply to published archives only. */
export interface OpenOptions
  extends Pick<FetchOptions, "onProgress" | "log" | "signal" | "retry" | "stallTimeoutMs"> {
  /** What to generate for `textures`. */
  readonly textures: TexturesDataSetOptions;
  /** Files or addresses in place of the official one, tried in order. */
  readonly sources?: readonly string[];
  /** Checksum for `sources`. Without one the file is hashed, not compared. */
  readonly checksum?: Checksum;
  /** Folder for downloaded archives. */
  readonly cacheFolder: string;
}

/** An open data set and, unless it was generated, its archive. */
export interface OpenedDataSet {
  readonly dataSet: DataSet;
  readonly archive?: FetchedArchive;
}

/**
 * Opens a data set.
 *
 * From the official address an archive must have the published checksum. From other sources any
 * archive in the official layout will do, a subset too; if it is the official one by its checksum,
 * its numbers of images are checked as well. The provenance names content, not places, so that a
 * mirror gives the same artifacts.
 *
 * @throws {FetchError} if the archive cannot be had
 * @throws {ArchiveError} on reading, if it is not a sound archive of the data set
 */
export async function openDataSet(name: DataSetName, options: OpenOptions): Promise<OpenedDataSet> {
  if (name === "textures") return { dataSet: texturesDataSet(options.textures) };
  const published: PublishedArchive = PUBLISHED_ARCHIVES[name];
  const archive = await fetchArchive({ ...options, ...whereFrom(published, options) });
  const official = await isOfficial(archive, published);
  const dataSet = await READERS[name]({
    path: archive.path,
    provenance:
      `${name} from ${official ? published.url : "an archive other than the official one"}` +
      `, SHA-256 ${archive.sha256}`,
    counts: official ? published.counts : undefined,
  });
  return { dataSet, archive };
}

function whereFrom(
  published: PublishedArchive,
  { sources, checksum, cacheFolder }: OpenOptions,
): Pick<FetchOptions, "sources" | "checksum" | "bytes" | "destinationFolder"> {
  const destinationFolder = cacheFolder;
  if (sources !== undefined && sources.length > 0) return { sources, checksum, destinationFolder };
  const { url, bytes } = published;
  return { sources: [url], checksum: published.checksum, bytes, destinationFolder };
}

async function isOfficial(archive: FetchedArchive, published: PublishedArchive): Promise<boolean> {
  const { algorithm, hex } = published.checksum;
  return (await digestsOfFile(archive.path, [algorithm]))[algorithm] === hex;
}
