import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import golden from "../golden/data/cifar10_subset.json" with { type: "json" };
import { describeImages } from "../../lib/data/describe_images.ts";
import { openDataSet, type OpenOptions } from "../../lib/data/open_data_set.ts";
import { generateTextures } from "../../lib/data/sets/textures.ts";
import { concat, makeTarGz, pattern, tarEntries, withFolder } from "./archives.ts";
import { withServer } from "./http_server.ts";
import { readSplit } from "./read_split.ts";

const SUBSET = Deno.env.get("CIFAR10_SUBSET");
const TEXTURES = { seed: 7, trainCount: 20, testCount: 10, size: 16 };
const QUICK = { attempts: 1, firstDelayMs: 1, maximumDelayMs: 1 };

async function withOptions(use: (options: OpenOptions) => Promise<void>): Promise<void> {
  await withFolder((cacheFolder) => use({ textures: TEXTURES, cacheFolder, retry: QUICK }));
}

/** A CIFAR-100 archive with one image a split. */
async function tinyCifar100(): Promise<Uint8Array> {
  return await makeTarGz(tarEntries({
    "cifar-100-binary/train.bin": concat([0, 5], pattern(3072, 1)),
    "cifar-100-binary/test.bin": concat([0, 6], pattern(3072, 2)),
  }));
}

Deno.test("textures are opened without an archive", async () => {
  await withOptions(async (options) => {
    const { dataSet, archive } = await openDataSet("textures", options);
    assert.equal(archive, undefined);
    const expected = generateTextures({ seed: 7, split: "test", count: 10, size: 16 });
    assert.deepEqual(await readSplit(dataSet, "test"), expected);
  });
});

Deno.test("a subset from a mirror is opened, and its provenance says what it is", async () => {
  const file = await tinyCifar100();
  await withOptions(async (options) =>
    await withServer(file, async ({ url }) => {
      const { dataSet, archive } = await openDataSet("cifar100", { ...options, sources: [url] });
      assert.deepEqual([...(await readSplit(dataSet, "train")).labels], [5]);
      assert.equal(archive?.bytes, file.length);
      assert.equal(
        dataSet.provenance,
        `cifar100 from an archive other than the official one, SHA-256 ${archive?.sha256}`,
      );
    })
  );
});

Deno.test("the same archive gives the same provenance wherever it comes from", async () => {
  const file = await tinyCifar100();
  await withOptions(async (options) =>
    await withServer(file, async ({ url }) => {
      const local = join(options.cacheFolder, "local");
      await Deno.writeFile(local, file);
      const provenances = await Promise.all(
        [url, local].map(async (source) =>
          (await openDataSet("cifar100", { ...options, sources: [source] })).dataSet.provenance
        ),
      );
      assert.equal(provenances[0], provenances[1]);
    })
  );
});

Deno.test("a checksum that is given with a source is compared", async () => {
  const file = await tinyCifar100();
  await withOptions(async (options) =>
    await withServer(file, async ({ url }) => {
      const checksum = { algorithm: "md5", hex: "1".repeat(32) } as const;
      const opening = openDataSet("cifar100", { ...options, sources: [url], checksum });
      await assert.rejects(opening, /must have the md5 checksum 1{32}/);
    })
  );
});

Deno.test("without a source the official address is asked", async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  await withOptions(async (options) => {
    const opener = new URL("../../lib/data/open_data_set.ts", import.meta.url).href;
    const program = `import { openDataSet } from ${JSON.stringify(opener)};
      await openDataSet("stl10", ${JSON.stringify(options)}).catch(() => {});`;
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", program],
      env: { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "" },
    }).output();
    assert.ok(success);
  });
  await new Promise<void>((resolve) => proxy.close(() => resolve()));
  assert.deepEqual(asked, ["ai.stanford.edu:443"]);
});

Deno.test({
  name: SUBSET === undefined
    ? "a real subset of CIFAR-10 is read as NumPy reads it (CIFAR10_SUBSET names no archive)"
    : "a real subset of CIFAR-10 is read as NumPy reads it",
  ignore: SUBSET === undefined,
  async fn() {
    await withOptions(async (options) => {
      const checksum = { algorithm: "sha256", hex: golden.archiveSha256 } as const;
      const sources = [SUBSET!];
      const { dataSet } = await openDataSet("cifar10", { ...options, sources, checksum });
      for (const split of ["train", "test"] as const) {
        const { mean, standardDeviation, balance, ...exact } = await describeImages(
          dataSet.batches(split),
          dataSet.classNames.length,
        );
        const { mean: goldenMean, standardDeviation: goldenDeviation, ...facts } = golden[split];
        assert.deepEqual(exact, facts);
        assert.equal(balance, 1);
        [0, 1, 2].forEach((channel) => {
          assert.ok(Math.abs(mean[channel] - goldenMean[channel]) < 1e-9);
          assert.ok(Math.abs(standardDeviation[channel] - goldenDeviation[channel]) < 1e-9);
        });
      }
    });
  },
});
