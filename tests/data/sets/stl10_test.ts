import assert from "node:assert/strict";
import { stl10 } from "../../../lib/data/sets/stl10.ts";
import type { DataSet } from "../../../lib/data/sets/data_set.ts";
import { drain, type Files, makeTarGz, pattern, tarEntries, withFile } from "../archives.ts";
import { readSplit } from "../read_split.ts";

const SIDE = 96;
const BYTES = 3 * SIDE * SIDE;

/** Official layout with three train images and one test image; pixels stand before labels. */
function stl10Files(changes: Files = {}): Files {
  return {
    "stl10_binary/test_X.bin": pattern(BYTES, 4),
    "stl10_binary/test_y.bin": Uint8Array.of(4),
    "stl10_binary/train_X.bin": pattern(3 * BYTES, 1),
    "stl10_binary/train_y.bin": Uint8Array.of(1, 10, 5),
    "stl10_binary/unlabeled_X.bin": new Uint8Array(BYTES),
    ...changes,
  };
}

async function withStl10(files: Files, use: (dataSet: DataSet) => Promise<void>): Promise<void> {
  const archive = await makeTarGz(tarEntries(files));
  await withFile(archive, (path) => use(stl10({ path, provenance: "made here" })));
}

Deno.test("STL-10's planes are transposed and its labels begin at 0", async () => {
  await withStl10(stl10Files(), async (dataSet) => {
    const { images, labels, height, width } = await readSplit(dataSet, "train");
    assert.deepEqual([[...labels], height, width], [[0, 9, 4], 96, 96]);
    const raw = pattern(3 * BYTES, 1);
    for (const [i, row, column] of [[0, 0, 0], [0, 0, 95], [1, 95, 0], [2, 30, 60]]) {
      const at = ((i * SIDE + row) * SIDE + column) * 3;
      const expected = [0, 1, 2].map((plane) =>
        raw[((i * 3 + plane) * SIDE + column) * SIDE + row]
      );
      assert.deepEqual([...images.subarray(at, at + 3)], expected);
    }
    assert.deepEqual([...(await readSplit(dataSet, "test")).labels], [3]);
  });
});

Deno.test("an STL-10 label outside 1 to 10 is refused", async () => {
  for (const label of [0, 11]) {
    await withStl10(
      stl10Files({ "stl10_binary/test_y.bin": Uint8Array.of(label) }),
      async (set) => {
        await assert.rejects(
          drain(set, "test"),
          new RegExp(`test_y.bin must lie between 1 and 10: current value of record 0 is ${label}`),
        );
      },
    );
  }
});

Deno.test("STL-10 files of pixels and labels that do not match are refused", async () => {
  for (const count of [0, 2, 4]) {
    const files = stl10Files({ "stl10_binary/train_y.bin": new Uint8Array(count).fill(1) });
    await withStl10(files, async (dataSet) => {
      await assert.rejects(
        drain(dataSet),
        new RegExp(`train_X.bin must hold 27648 bytes for each label .* ${count} labels`),
      );
    });
  }
});

Deno.test("an STL-10 archive without labels is refused", async () => {
  const { "stl10_binary/train_y.bin": _, ...files } = stl10Files();
  await withStl10(files, async (dataSet) => {
    await assert.rejects(drain(dataSet), /it must contain stl10_binary\/train_y.bin/);
  });
});
