/**
 * Makes or fetches the data set: every image at its native size, with class names and provenance.
 *
 * @module
 */
import { z } from "zod";
import { datasheetSchema, imageSchema } from "../lib/tables/schemas.ts";
import { DATA_SET_NAMES } from "../lib/data/sets/registry.ts";
import { committed, defineStage, LOCATION } from "../lib/pipeline/stage/stage.ts";

const CHECKSUM = /^(md5:[0-9a-fA-F]{32}|sha256:[0-9a-fA-F]{64})$/;

export default defineStage({
  description: "Makes or fetches the data set",
  params: z.object({
    dataset: z.enum(DATA_SET_NAMES).describe("Name of the data set"),
    source: z.string().nullable().default(null).meta(LOCATION).describe(
      "A local file or an address in place of the official archive. Of a file the content counts, of " +
        "an address the address itself: give its checksum",
    ),
    checksum: z.string().regex(CHECKSUM).nullable().default(null).describe(
      "md5:HEX or sha256:HEX of the archive at `source`",
    ),
    textures: z.object({
      seed: z.int().min(0).default(0).describe("Seed of the generator"),
      train: z.int().min(1).default(192).describe("Number of training images"),
      test: z.int().min(1).default(4000).describe("Number of test images"),
      size: z.int().min(8).default(16).describe("Side of the images in pixels"),
    }).prefault({}).describe("What to generate for the data set `textures`"),
  }),
  inputs: {},
  outputs: {
    train: imageSchema,
    test: imageSchema,
    datasheet: committed(datasheetSchema),
  },
  network: true,
  async run({ params, outputs, downloads, progress, log, signal }) {
    const [{ openDataSet }, { describeImages }] = await Promise.all([
      import("../lib/data/open_data_set.ts"),
      import("../lib/data/describe_images.ts"),
    ]);
    const { dataset, source, checksum, textures } = params;
    const [algorithm, hex] = checksum?.split(":") ?? [];
    const { dataSet } = await openDataSet(dataset, {
      textures: {
        seed: textures.seed,
        trainCount: textures.train,
        testCount: textures.test,
        size: textures.size,
      },
      ...source === null ? {} : { sources: [source] },
      ...hex ? { checksum: { algorithm: algorithm as "md5" | "sha256", hex } } : {},
      cacheFolder: downloads!,
      signal,
      log,
      onProgress: ({ bytes, totalBytes, bytesPerSecond }) =>
        progress(
          totalBytes ? bytes / totalBytes : 0,
          `${(bytes / 2 ** 20).toFixed(0)} MiB, ${(bytesPerSecond / 2 ** 20).toFixed(1)} MiB/s`,
        ),
    });
    const { height, width, classNames, provenance } = dataSet;
    for (const split of ["train", "test"] as const) {
      const output = outputs[split];
      output.configure({
        shapes: { image: [height, width, 3] },
        metadata: { label: { class_names: JSON.stringify(classNames) } },
      });
      let first = 0;
      const facts = await describeImages(
        tap(dataSet.batches(split), ({ images, labels }) => {
          const index = Int32Array.from(labels, (_, i) => first + i);
          output.append({ index, image: images, label: labels });
          first += labels.length;
        }),
        classNames.length,
      );
      const [red, green, blue] = facts.mean;
      const each = <T>(value: T) => classNames.map(() => value);
      outputs.datasheet.append({
        split: each(split),
        class: [...classNames],
        images: Int32Array.from(facts.countByClass),
        red: Float32Array.from(each(red)),
        green: Float32Array.from(each(green)),
        blue: Float32Array.from(each(blue)),
        pixel_sha256: each(facts.pixelSha256),
        label_sha256: each(facts.labelSha256),
        provenance: each(provenance),
      });
    }
  },
});

/** The same items, each shown to `see` on its way. */
async function* tap<T>(items: AsyncIterable<T>, see: (item: T) => void): AsyncGenerator<T> {
  for await (const item of items) {
    see(item);
    yield item;
  }
}
