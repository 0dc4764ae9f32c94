import assert from "node:assert/strict";
import { cifar10, CIFAR10_CLASSES } from "../../../lib/data/sets/cifar10.ts";
import { cifar100, CIFAR100_CLASSES } from "../../../lib/data/sets/cifar100.ts";
import type { ArchiveOptions } from "../../../lib/data/sets/image_counts.ts";
import type { DataSet } from "../../../lib/data/sets/data_set.ts";
import {
  concat,
  drain,
  type Files,
  makeTarGz,
  pattern,
  tarEntries,
  withFile,
} from "../archives.ts";
import { readSplit } from "../read_split.ts";

const PIXELS = 1024;

/** A record with the label bytes given and planes that are told apart by `seed`. */
function record(labels: readonly number[], seed: number): Uint8Array {
  return concat(labels, pattern(3 * PIXELS, seed));
}

/** Official layout with two records a train file, in the official archive's order of entries. */
function cifar10Files(changes: Files = {}): Files {
  const batch = (n: number) => concat(record([n], 2 * n), record([9 - n], 2 * n + 1));
  const folder = "cifar-10-batches-bin";
  const train = [1, 3, 4, 2, 5].map((n) => [`${folder}/data_batch_${n}.bin`, batch(n)]);
  return {
    ...Object.fromEntries(train),
    [`${folder}/test_batch.bin`]: record([7], 99),
    [`${folder}/batches.meta.txt`]: pattern(61, 1),
    ...changes,
  };
}

function cifar100Files(changes: Files = {}): Files {
  return {
    "cifar-100-binary/train.bin": concat(record([19, 99], 1), record([0, 11], 2)),
    "cifar-100-binary/test.bin": record([3, 42], 3),
    ...changes,
  };
}

async function withDataSet(
  open: (options: ArchiveOptions) => DataSet,
  files: Files,
  use: (dataSet: DataSet) => Promise<void>,
  counts?: ArchiveOptions["counts"],
): Promise<void> {
  const archive = await makeTarGz(tarEntries(files));
  await withFile(archive, (path) => use(open({ path, provenance: "made here", counts })));
}

/** Pixel (row, column) of image i as `[red, green, blue]`. */
function pixel(images: Uint8Array, i: number, row: number, column: number): number[] {
  const at = ((i * 32 + row) * 32 + column) * 3;
  return [...images.subarray(at, at + 3)];
}

function planePixel(planes: Uint8Array, row: number, column: number): number[] {
  return [0, 1, 2].map((plane) => planes[plane * PIXELS + row * 32 + column]);
}

Deno.test("CIFAR-10's train images come in the order of the batch numbers", async () => {
  await withDataSet(cifar10, cifar10Files(), async (dataSet) => {
    const { images, labels, height, width, classNames, provenance } = await readSplit(
      dataSet,
      "train",
    );
    assert.deepEqual([...labels], [1, 8, 2, 7, 3, 6, 4, 5, 5, 4]);
    assert.deepEqual([height, width, images.length], [32, 32, 10 * 3 * PIXELS]);
    assert.deepEqual([classNames, provenance], [CIFAR10_CLASSES, "made here"]);
    for (const [row, column] of [[0, 0], [0, 31], [31, 0], [17, 5]]) {
      const planes = pattern(3 * PIXELS, 2 * 2 + 1);
      assert.deepEqual(pixel(images, 3, row, column), planePixel(planes, row, column));
    }
  });
});

Deno.test("CIFAR-10's test images are those of the test batch, each time", async () => {
  await withDataSet(cifar10, cifar10Files(), async (dataSet) => {
    const first = await readSplit(dataSet, "test");
    assert.deepEqual([...first.labels], [7]);
    assert.deepEqual(pixel(first.images, 0, 3, 4), planePixel(pattern(3 * PIXELS, 99), 3, 4));
    assert.deepEqual(await readSplit(dataSet, "test"), first);
  });
});

Deno.test("CIFAR-100's labels are the fine ones", async () => {
  await withDataSet(cifar100, cifar100Files(), async (dataSet) => {
    const train = await readSplit(dataSet, "train");
    assert.deepEqual([...train.labels], [99, 11]);
    assert.deepEqual(pixel(train.images, 1, 9, 2), planePixel(pattern(3 * PIXELS, 2), 9, 2));
    assert.deepEqual([...(await readSplit(dataSet, "test")).labels], [42]);
  });
});

Deno.test("CIFAR-100 has a hundred different class names in alphabetical order", () => {
  assert.equal(new Set(CIFAR100_CLASSES).size, 100);
  assert.deepEqual([...CIFAR100_CLASSES].sort(), CIFAR100_CLASSES);
});

Deno.test("a CIFAR file that is no whole number of records is refused", async () => {
  const name = "cifar-10-batches-bin/data_batch_4.bin";
  for (const bytes of [new Uint8Array(), record([1], 1).subarray(1), pattern(3074, 1)]) {
    await withDataSet(cifar10, cifar10Files({ [name]: bytes }), async (dataSet) => {
      await assert.rejects(
        drain(dataSet),
        new RegExp(
          `data_batch_4.bin must hold a whole number of records of 3073 bytes, at least ` +
            `one: current size is ${bytes.length} bytes`,
        ),
      );
    });
  }
});

Deno.test("a CIFAR file with more records than the official one is refused", async () => {
  const name = "cifar-10-batches-bin/test_batch.bin";
  const files = cifar10Files({ [name]: new Uint8Array(10_001 * 3073) });
  await withDataSet(cifar10, files, async (dataSet) => {
    await assert.rejects(drain(dataSet, "test"), /test_batch.bin must have at most 30730000 bytes/);
  });
});

Deno.test("a CIFAR label out of range is refused with its file and record", async () => {
  const name = "cifar-10-batches-bin/test_batch.bin";
  const files = cifar10Files({ [name]: concat(record([0], 1), record([10], 2)) });
  await withDataSet(cifar10, files, async (dataSet) => {
    await assert.rejects(
      drain(dataSet, "test"),
      /labels in .*test_batch.bin must lie between 0 and 9: current value of record 1 is 10/,
    );
  });
  const fine = cifar100Files({ "cifar-100-binary/test.bin": record([0, 100], 1) });
  await withDataSet(cifar100, fine, async (dataSet) => {
    await assert.rejects(drain(dataSet, "test"), /between 0 and 99: current value .* is 100/);
  });
});

Deno.test("a missing CIFAR file is named", async () => {
  const { "cifar-10-batches-bin/data_batch_2.bin": _, ...files } = cifar10Files();
  await withDataSet(cifar10, files, async (dataSet) => {
    await assert.rejects(drain(dataSet), /it must contain cifar-10-batches-bin\/data_batch_2.bin/);
  });
});

Deno.test("an archive that passes for complete must have all its images", async () => {
  await withDataSet(cifar10, cifar10Files(), async (dataSet) => {
    assert.equal((await drain(dataSet, "test")).length, 1);
    await assert.rejects(drain(dataSet), /train split must have 50 images: current number is 10/);
  }, { train: 50, test: 1 });
});
