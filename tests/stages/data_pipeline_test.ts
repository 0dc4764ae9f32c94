/**
 * `download` and `augment` as the engine runs them: confined, in processes of their own.
 */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { TableFile } from "../../lib/arrow/reader.ts";
import { datasheetSchema, imageSchema, viewSchema } from "../../lib/tables/schemas.ts";
import { describeImages } from "../../lib/data/describe_images.ts";
import { concat, makeTarGz, pattern, tarEntries } from "../data/archives.ts";
import { withServer } from "../data/http_server.ts";
import { Rig } from "../pipeline/rig.ts";

const ROOT = join(import.meta.dirname!, "../..");
const SUBSET = Deno.env.get("CIFAR10_SUBSET");

/** A pipeline of the project's own stages on CIFAR-100 images, two classes of four images. */
const PIPELINE = `name: data
params: { source: null, checksum: null, views: 2 }
stages:
  download:
    params: { dataset: cifar100, source: \${source}, checksum: \${checksum} }
  augment:
    needs: { images: download.train }
    params: { views: \${views} }
    resources: { cpu: 2 }
`;

const LABELS = [7, 3, 7, 3];

/** A project with copies of the two stages and of what they import. */
function rigWithStages(): Rig {
  const others = [
    "schemas.ts",
    "scale.ts",
    ...["make", "double", "total"].map((name) => `stages/${name}.ts`),
  ];
  const rig = new Rig({
    ...Object.fromEntries(others.map((path) => [path, null])),
    "pipeline.yaml": PIPELINE,
  });
  for (const name of ["download", "augment"]) {
    rig.write(`stages/${name}.ts`, Deno.readTextFileSync(join(ROOT, `stages/${name}.ts`)));
  }
  for (const area of ["arrow", "augment", "base", "data", "pipeline", "random", "tables"]) {
    cpSync(join(ROOT, "lib", area), rig.path("lib", area), { recursive: true });
  }
  return rig;
}

async function archive(): Promise<Uint8Array> {
  const records = LABELS.flatMap((label, i) => [[0, label], pattern(3072, i)]);
  return await makeTarGz(tarEntries({
    "cifar-100-binary/train.bin": concat(...records),
    "cifar-100-binary/test.bin": concat([0, 9], pattern(3072, 9)),
  }));
}

function latest(rig: Rig, output: string): string {
  return rig.path("artifacts/latest", `${output}.arrow`);
}

/** The outcome of each stage, which must all have ended well. */
async function outcomes(rig: Rig, ...flags: string[]): Promise<Record<string, string>> {
  const events = Object.entries(await rig.outcomes(flags));
  return Object.fromEntries(events.map(([name, { outcome }]) => [name, outcome]));
}

Deno.test("a local archive, by its path or its file address, becomes images and a data sheet", async () => {
  using rig = rigWithStages();
  const path = rig.path("my data", "subset.tar.gz");
  Deno.mkdirSync(dirname(path));
  Deno.writeFileSync(path, await archive());
  assert.deepEqual(await outcomes(rig, "-S", `source=${path}`, "download"), { download: "ran" });
  using train = TableFile.open(latest(rig, "download/train"), imageSchema);
  assert.deepEqual([...train.column("label")], LABELS);
  assert.deepEqual(train.shapeOf("image"), [32, 32, 3]);
  assert.equal(JSON.parse(train.metadataOf("label").class_names).length, 100);

  using sheet = TableFile.open(latest(rig, "download/datasheet"), datasheetSchema);
  const rows = sheet.rows().filter(({ split, images }) => split === "train" && images > 0);
  assert.deepEqual(rows.map(({ images }) => images), [2, 2]);
  const images = train.column("image");
  const facts = await describeImages([{ images, labels: train.column("label") }], 100);
  assert.equal(rows[0].pixel_sha256, facts.pixelSha256);
  assert.deepEqual([rows[0].red, rows[0].green, rows[0].blue], facts.mean.map(Math.fround));
  assert.match(rows[0].provenance, /^cifar100 from an archive other than the official one, SHA/);

  const url = pathToFileURL(path).href;
  const again = await outcomes(rig, "-S", `source=${url}`, "download");
  assert.deepEqual(again, { download: "fresh" }, "the same content at a file address");
});

Deno.test("an archive from a server is fetched once; later runs need no network", async () => {
  using rig = rigWithStages();
  const source = await withServer(await archive(), async ({ url, requests }) => {
    assert.deepEqual(await outcomes(rig, "-S", `source=${url}`, "download"), { download: "ran" });
    assert.equal(requests.length, 1);
    return url;
  });
  // The server is gone.
  assert.deepEqual(await outcomes(rig, "-S", `source=${source}`, "download"), {
    download: "fresh",
  });
  assert.deepEqual(await outcomes(rig, "-S", `source=${source}`, "-f", "download"), {
    download: "ran",
  });
});

Deno.test("an archive that is not there, or not what it should be, is told with its place", async () => {
  using rig = rigWithStages();
  const absent = await rig.run(["-S", "source=nowhere.tar.gz", "download"]);
  assert.equal(absent.status, 1);
  assert.match(
    absent.stderr,
    /param "source" must name a file: current value is "nowhere.tar.gz" \(No such file/,
  );

  Deno.writeFileSync(rig.path("subset.tar.gz"), await archive());
  const flags = [
    ...["-S", `source=${rig.path("subset.tar.gz")}`],
    ...["-S", `checksum=md5:${"0".repeat(32)}`, "download"],
  ];
  const wrong = await rig.run(flags);
  assert.equal(wrong.status, 1);
  assert.match(wrong.stderr, /subset\.tar\.gz must have the md5 checksum 0{32}: current value is/);
});

Deno.test("raising the number of views makes only the new ones, with the values of all anew", async () => {
  using rig = rigWithStages();
  Deno.writeFileSync(rig.path("subset.tar.gz"), await archive());
  const run = (views: number, ...flags: string[]) =>
    outcomes(rig, "-S", `source=${rig.path("subset.tar.gz")}`, "-S", `views=${views}`, ...flags);
  const view = () => {
    using table = TableFile.open(latest(rig, "augment/views"), viewSchema);
    return (["index", "view", "image"] as const).map((name) => [...table.column(name)]);
  };
  const log = async () => (await rig.run(["logs", "augment"])).stdout;
  await run(2);
  assert.match(await log(), /made 2 views of each of 4 samples$/m);
  assert.equal((await run(5)).augment, "ran");
  assert.match(await log(), /made 3 views of each of 4 samples, in addition to 2 that were there/);
  const extended = view();
  assert.equal(extended[0].length, 5 * 4);
  assert.equal((await run(5, "-f", "augment")).augment, "ran");
  assert.match(await log(), /made 5 views of each of 4 samples$/m);
  assert.deepEqual(view(), extended);
});

Deno.test({
  name: "the stages take a file of real CIFAR-10 images (CIFAR10_SUBSET names one)",
  ignore: SUBSET === undefined,
  fn: async () => {
    using rig = rigWithStages();
    const flags = ["-S", `source=${SUBSET}`, "-S", "download.dataset=cifar10"];
    const sizes = ["-S", "augment.samples=64", "-S", "augment.size=16"];
    assert.deepEqual(await outcomes(rig, ...flags, ...sizes), { download: "ran", augment: "ran" });
    using sheet = TableFile.open(latest(rig, "download/datasheet"), datasheetSchema);
    assert.deepEqual(
      sheet.rows().map(({ split, images }) => `${split} ${images}`),
      [...new Array(10).fill("train 500"), ...new Array(10).fill("test 100")],
    );
    using views = TableFile.open(latest(rig, "augment/views"), viewSchema);
    assert.equal(views.rowCount, 2 * 64);
  },
});
