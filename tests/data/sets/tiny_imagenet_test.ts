import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import golden from "../../golden/data/jpeg.json" with { type: "json" };
import { openTinyImagenet } from "../../../lib/data/sets/tiny_imagenet.ts";
import type { DataSet } from "../../../lib/data/sets/data_set.ts";
import { drain, type Files, makeZip, withFile } from "../archives.ts";
import { readSplit } from "../read_split.ts";

const ROOT = "tiny-imagenet-200";
const BYTES = 64 * 64 * 3;
/** Images of the data set's size, grey ones among them, with the digests that Pillow gives. */
const IMAGES = golden.cases.filter(({ width, height }) => width === 64 && height === 64);

function jpeg(i: number): Uint8Array {
  return Uint8Array.from(Buffer.from(IMAGES[i].file, "base64"));
}

function text(lines: string): Uint8Array {
  return new TextEncoder().encode(lines);
}

/** Official layout, the classes not in the order of their ids. */
function tinyFiles(changes: Files = {}): Files {
  return {
    [`${ROOT}/words.txt`]: text("n01443537\tgoldfish, Carassius auratus\nn09999999\tother\n"),
    [`${ROOT}/train/n02124075/n02124075_boxes.txt`]: text("n02124075_0.JPEG\t0\t0\t9\t9\n"),
    [`${ROOT}/train/n02124075/images/n02124075_0.JPEG`]: jpeg(0),
    [`${ROOT}/train/n01443537/images/n01443537_1.JPEG`]: jpeg(1),
    [`${ROOT}/train/n01443537/images/n01443537_0.JPEG`]: jpeg(2),
    [`${ROOT}/val/images/val_0.JPEG`]: jpeg(3),
    [`${ROOT}/val/images/val_1.JPEG`]: jpeg(4),
    [`${ROOT}/val/val_annotations.txt`]: text(
      "val_1.JPEG\tn01443537\t0\t0\t62\t62\nval_0.JPEG\tn02124075\t1\t1\t9\t9\n",
    ),
    [`${ROOT}/test/images/test_0.JPEG`]: text("not looked at"),
    ...changes,
  };
}

async function withTiny(files: Files, use: (dataSet: DataSet) => Promise<void>): Promise<void> {
  const archive = makeZip(files);
  await withFile(
    archive,
    async (path) => await use(await openTinyImagenet({ path, provenance: "made here" })),
  );
}

async function refuses(files: Files, reason: RegExp): Promise<void> {
  const reading = withTiny(files, async (dataSet) => {
    await drain(dataSet, "train");
    await drain(dataSet, "test");
  });
  await assert.rejects(reading, (error) => {
    assert.equal((error as Error).name, "ArchiveError");
    assert.match((error as Error).message, reason);
    return true;
  });
}

function digests(images: Uint8Array): string[] {
  return Array.from(
    { length: images.length / BYTES },
    (_, i) =>
      createHash("sha256").update(images.subarray(i * BYTES, (i + 1) * BYTES)).digest("hex"),
  );
}

Deno.test("TinyImageNet's train images are sorted by class id and file name", async () => {
  await withTiny(tinyFiles(), async (dataSet) => {
    const { images, labels, height, width, classNames } = await readSplit(dataSet, "train");
    assert.deepEqual([...labels], [0, 0, 1]);
    assert.deepEqual(digests(images), [2, 1, 0].map((i) => IMAGES[i].rgbSha256));
    assert.deepEqual([height, width], [64, 64]);
    assert.deepEqual(classNames, ["goldfish, Carassius auratus", "n02124075"]);
  });
});

Deno.test("TinyImageNet's test images are the validation part in the order of its list", async () => {
  await withTiny(tinyFiles(), async (dataSet) => {
    const { images, labels } = await readSplit(dataSet, "test");
    assert.deepEqual([...labels], [0, 1]);
    assert.deepEqual(digests(images), [4, 3].map((i) => IMAGES[i].rgbSha256));
  });
});

Deno.test("grey TinyImageNet images become RGB as Pillow makes them", async () => {
  const grey = IMAGES.findIndex(({ about }) => about.startsWith("L"));
  await withTiny(tinyFiles({ [`${ROOT}/val/images/val_0.JPEG`]: jpeg(grey) }), async (dataSet) => {
    const { images } = await readSplit(dataSet, "test");
    assert.equal(digests(images)[1], IMAGES[grey].rgbSha256);
  });
});

Deno.test("a validation list that does not fit the archive is refused with its line", async () => {
  const good = "val_1.JPEG\tn01443537\t0\t0\t9\t9";
  const bad = {
    "an unknown class": "val_0.JPEG\tn00000000\t0",
    "a missing image": "val_7.JPEG\tn01443537\t0",
    "a climbing name": "../../train/n01443537/images/n01443537_0.JPEG\tn01443537\t0",
    "an image named twice": good,
    "no tabs": "val_0.JPEG",
  };
  for (const line of Object.values(bad)) {
    const list = text(`${good}\n${line}\n`);
    await refuses(tinyFiles({ [`${ROOT}/val/val_annotations.txt`]: list }), /line 2 of .*val_anno/);
  }
});

Deno.test("a TinyImageNet image that is damaged or of another size is named", async () => {
  const name = `${ROOT}/train/n02124075/images/n02124075_0.JPEG`;
  const wrongSize = golden.cases.find(({ width }) => width !== 64)!;
  for (
    const file of [
      text("nothing"),
      jpeg(0).subarray(0, 700),
      Uint8Array.from(Buffer.from(wrongSize.file, "base64")),
    ]
  ) {
    await refuses(tinyFiles({ [name]: file }), /n02124075_0.JPEG must be an image \(Cannot decode/);
  }
});

Deno.test("an archive without train images or validation list is refused", async () => {
  await refuses({ "other/file": text("x") }, /must contain tiny-imagenet-200\/train/);
  const { [`${ROOT}/val/val_annotations.txt`]: _, ...files } = tinyFiles();
  await refuses(files, /must contain tiny-imagenet-200\/val\/val_annotations.txt/);
});
