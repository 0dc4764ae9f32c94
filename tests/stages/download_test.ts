import assert from "node:assert/strict";
import { datasheetSchema, imageSchema } from "../../lib/tables/schemas.ts";
import { describeImages } from "../../lib/data/describe_images.ts";
import { generateTextures } from "../../lib/data/sets/textures.ts";
import download from "../../stages/download.ts";
import { withServer } from "../data/http_server.ts";
import { openOutput, runStage, withFolder } from "./stage_run.ts";

Deno.test("textures are written split by split as they are generated", () =>
  withFolder(async (folder) => {
    const textures = { seed: 4, train: 25, test: 13, size: 16 };
    const result = await runStage(folder, download, {
      params: { dataset: "textures", textures },
      downloads: folder,
    });
    for (const [split, count] of [["train", 25], ["test", 13]] as const) {
      const expected = generateTextures({ seed: 4, split, count, size: 16 });
      using table = openOutput(result, split, imageSchema);
      assert.deepEqual(table.shapeOf("image"), [16, 16, 3]);
      assert.deepEqual(table.column("image"), expected.images);
      assert.deepEqual(table.column("label"), expected.labels);
      assert.deepEqual([...table.column("index")], Array.from({ length: count }, (_, i) => i));
      assert.deepEqual(
        JSON.parse(table.metadataOf("label").class_names),
        expected.classNames,
      );
      await assertSheet(result, split, expected);
    }
  }));

/** Checks the rows of a split in the data sheet against its images. */
async function assertSheet(
  result: Parameters<typeof openOutput>[0],
  split: string,
  expected: ReturnType<typeof generateTextures>,
): Promise<void> {
  using sheet = openOutput(result, "datasheet", datasheetSchema);
  const rows = sheet.rows().filter((row) => row.split === split);
  const facts = await describeImages([expected], expected.classNames.length);
  assert.deepEqual(rows.map((row) => row.class), expected.classNames);
  assert.deepEqual(rows.map(({ images }) => images), facts.countByClass);
  for (const row of rows) {
    assert.equal(row.pixel_sha256, facts.pixelSha256);
    assert.equal(row.label_sha256, facts.labelSha256);
    assert.equal(row.provenance, expected.provenance);
    assert.deepEqual([row.red, row.green, row.blue], facts.mean.map(Math.fround));
  }
}

Deno.test("a server that lacks the archive is told with its address and answer", () =>
  withFolder((folder) =>
    withServer(new Uint8Array(), async ({ url, faults }) => {
      faults.push({ status: 404 });
      await assert.rejects(
        runStage(folder, download, {
          params: { dataset: "stl10", source: url },
          downloads: folder,
        }),
        (error: Error) => error.message.includes(url) && /404/.test(error.message),
      );
    })
  ));

Deno.test("a checksum is refused unless it is of its algorithm's length", () => {
  const accepts = (checksum: string) =>
    download.params.safeParse({ dataset: "cifar10", checksum }).success;
  assert.deepEqual(
    [`md5:${"c".repeat(32)}`, `sha256:${"0A".repeat(32)}`].map(accepts),
    [true, true],
  );
  assert.deepEqual(
    ["c".repeat(32), `md5:${"c".repeat(31)}`, `sha256:${"c".repeat(32)}`, "sha1:00"].map(accepts),
    [false, false, false, false],
  );
});
