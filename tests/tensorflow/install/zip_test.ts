import assert from "node:assert/strict";
import { join } from "node:path";
import { zipSync } from "fflate";
import { readZipDirectory, readZipEntry } from "../../../lib/tensorflow/install/zip.ts";
import { temporaryFolder } from "../fake_python.ts";

const ZIP64 = new URL("../../golden/tensorflow/zip64.zip", import.meta.url);
const text = new TextEncoder();

async function readAll(path: string | URL): Promise<Record<string, string>> {
  using file = await Deno.open(path);
  const contents: Record<string, string> = {};
  for (const [name, entry] of await readZipDirectory(file)) {
    contents[name] = await new Response(await readZipEntry(file, entry)).text();
  }
  return contents;
}

Deno.test("deflated and stored entries are read, also with a comment at the archive's end", async () => {
  await using folder = await temporaryFolder();
  const archive = zipSync({
    "a.txt": text.encode("deflated ".repeat(100)),
    "folder/b.txt": [text.encode("stored"), { level: 0 }],
  }, { comment: "a comment" });
  const path = join(folder.path, "archive.zip");
  await Deno.writeFile(path, archive);
  assert.deepEqual(await readAll(path), {
    "a.txt": "deflated ".repeat(100),
    "folder/b.txt": "stored",
  });
});

Deno.test("an archive with ZIP64 sizes and offsets is read (made by CPython's zipfile)", async () => {
  assert.deepEqual(await readAll(ZIP64), {
    "first.txt": "deflated ".repeat(40),
    "folder/second.txt": "also deflated ".repeat(40),
    "stored.txt": "stored as it is",
  });
});

Deno.test("an entry of more than one chunk is read whole", async () => {
  await using folder = await temporaryFolder();
  const large = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * i >> 5) & 0xff);
  const path = join(folder.path, "large.zip");
  await Deno.writeFile(path, zipSync({ large: [large, { level: 0 }] }));
  using file = await Deno.open(path);
  const entry = (await readZipDirectory(file)).get("large")!;
  assert.deepEqual(await new Response(await readZipEntry(file, entry)).bytes(), large);
});

Deno.test("an archive that is cut short is refused, wherever the cut is", async () => {
  await using folder = await temporaryFolder();
  const whole = await Deno.readFile(ZIP64);
  const path = join(folder.path, "cut.zip");
  for (const length of [0, 10, whole.length - 90, whole.length - 5]) {
    await Deno.writeFile(path, whole.subarray(0, length));
    await assert.rejects(readAll(path), RangeError, `${length} bytes`);
  }
});

Deno.test("damaged data does not come out as if it were whole", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "damaged.zip");
  const archive = zipSync({ a: Uint8Array.from({ length: 4000 }, (_, i) => (i * i) & 0xff) });
  archive.fill(0xff, 40, 80);
  await Deno.writeFile(path, archive);
  await assert.rejects(readAll(path));
});
