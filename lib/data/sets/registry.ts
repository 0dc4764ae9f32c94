/**
 * The data sets that pipeline.yaml can name, as data. This module loads no reader, so that a
 * stage's interface can be read quickly.
 *
 * @module
 */
import type { Checksum } from "../download/checksum.ts";
import type { ImageCounts } from "./image_counts.ts";

/** A data set that is published as one archive. */
export interface PublishedArchive {
  /** Official address. */
  readonly url: string;
  /** Published checksum of the archive. */
  readonly checksum: Checksum;
  /** Size of the archive in bytes, where it is known. */
  readonly bytes?: number;
  /** Images in the splits of the complete data set. */
  readonly counts: ImageCounts;
  readonly height: number;
  readonly width: number;
  readonly classCount: number;
}

/** The published data sets of the paper (its Table 5). */
export const PUBLISHED_ARCHIVES = {
  "cifar10": {
    url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    checksum: { algorithm: "md5", hex: "c32a1d4ab5d03f1284b67883e8d87530" },
    bytes: 170_052_171,
    counts: { train: 50_000, test: 10_000 },
    height: 32,
    width: 32,
    classCount: 10,
  },
  "cifar100": {
    url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
    checksum: { algorithm: "md5", hex: "03b5dce01913d631647c71ecec9e9cb8" },
    bytes: 168_513_733,
    counts: { train: 50_000, test: 10_000 },
    height: 32,
    width: 32,
    classCount: 100,
  },
  "stl10": {
    url: "https://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
    checksum: { algorithm: "md5", hex: "91f7769df0f17e558f3565bffb0c7dfb" },
    counts: { train: 5000, test: 8000 },
    height: 96,
    width: 96,
    classCount: 10,
  },
  "tiny-imagenet-200": {
    url: "https://cs231n.stanford.edu/tiny-imagenet-200.zip",
    checksum: { algorithm: "md5", hex: "90528d7ca1a48142e341f4ef8d21d0de" },
    bytes: 248_100_043,
    counts: { train: 100_000, test: 10_000 },
    height: 64,
    width: 64,
    classCount: 200,
  },
} as const satisfies Record<string, PublishedArchive>;

/** Name of a data set that is read from an archive. */
export type PublishedName = keyof typeof PUBLISHED_ARCHIVES;

/** Name of a data set. */
export type DataSetName = "textures" | PublishedName;

/** All names, the embedded data set first. */
export const DATA_SET_NAMES: readonly [DataSetName, ...DataSetName[]] = [
  "textures",
  ...(Object.keys(PUBLISHED_ARCHIVES) as PublishedName[]),
];
