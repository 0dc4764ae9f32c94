import assert from "node:assert/strict";
import { zipSync } from "fflate";
import { ArchiveError } from "../../../lib/data/archives/archive_error.ts";
import { ZipArchive } from "../../../lib/data/archives/zip_archive.ts";
import { collect, makeZip, pattern, withFile } from "../archives.ts";

const FILES = { "set/a.bin": pattern(3000, 1), "set/zeros.bin": new Uint8Array(5000) };
const LINK_ATTRIBUTES = (0o120777 << 16) >>> 0;

async function read(archive: Uint8Array, names = ["set/zeros.bin", "set/a.bin"], limit = 5000) {
  return await withFile(archive, async (path) => {
    const zip = await ZipArchive.open(path);
    return await collect(zip.read(names, limit));
  });
}

async function refuses(archive: Uint8Array, reason: RegExp, names?: string[], limit?: number) {
  await assert.rejects(read(archive, names, limit), (error) => {
    assert.ok(error instanceof ArchiveError, String(error));
    assert.match(error.message, reason);
    return true;
  });
}

/** Writes `text` over every occurrence of `old`, which has the same length. */
function renameEntries(archive: Uint8Array, old: string, text: string): Uint8Array {
  const bytes = Array.from(archive, (byte) => String.fromCharCode(byte)).join("");
  return Uint8Array.from(bytes.replaceAll(old, text), (character) => character.charCodeAt(0));
}

/** Offset of the n-th central directory header. */
function directoryHeader(archive: Uint8Array, n: number): number {
  const signature = [0x50, 0x4b, 1, 2];
  const offsets = [...archive.keys()].filter((at) =>
    signature.every((byte, i) => archive[at + i] === byte)
  );
  return offsets[n];
}

Deno.test("files of a zip are read in any order, as often as wanted", async () => {
  await withFile(makeZip(FILES), async (path) => {
    const zip = await ZipArchive.open(path);
    assert.deepEqual([...zip.names], Object.keys(FILES));
    for (const names of [["set/zeros.bin", "set/a.bin"], ["set/a.bin", "set/a.bin"]]) {
      const files = await collect(zip.read(names, 5000));
      assert.deepEqual(files.map(({ name }) => name), names);
      for (const { name, bytes } of files) {
        assert.deepEqual(Uint8Array.from(bytes), FILES[name as keyof typeof FILES]);
      }
    }
  });
});

Deno.test("a zip entry whose name leaves the archive is refused", async () => {
  for (const name of ["../ab.bin", "/et/a.bin", "C:t/a.bin"]) {
    const archive = renameEntries(makeZip(FILES), "set/a.bin", name);
    await refuses(archive, /entries must stay inside|damaged or not the expected one/);
  }
});

Deno.test("all entries are found although the end record counts too few", async () => {
  const archive = makeZip({ ...FILES, "set/c.bin": pattern(9, 3) });
  const endRecord = archive.length - 22;
  for (const offset of [8, 10]) new DataView(archive.buffer).setUint16(endRecord + offset, 1, true);
  assert.equal((await read(archive, ["set/c.bin", "set/a.bin"])).length, 2);
});

Deno.test("a link in a zip is refused", async () => {
  const archive = zipSync({ "set/a.bin": [pattern(9, 1), { os: 3, attrs: LINK_ATTRIBUTES }] });
  await refuses(archive, /set\/a.bin is a link/);
});

Deno.test("a zip entry that occurs twice is refused", async () => {
  const twice = makeZip({ "set/a.bin": pattern(9, 1), "set/b.bin": pattern(9, 2) });
  await refuses(renameEntries(twice, "set/b.bin", "set/a.bin"), /set\/a.bin occurs twice/);
});

Deno.test("a missing zip entry is named", async () => {
  await refuses(makeZip(FILES), /it must contain set\/c.bin: no such entry/, ["set/c.bin"]);
});

Deno.test("a zip entry above its limit is refused before it is unpacked", async () => {
  await refuses(
    makeZip(FILES),
    /set\/zeros.bin must have at most 4999 bytes: current size is 5000/,
    ["set/zeros.bin"],
    4999,
  );
});

Deno.test("a bomb that lies about its size is cut short", async () => {
  const archive = makeZip({ "set/zeros.bin": new Uint8Array(50e6) });
  new DataView(archive.buffer).setUint32(directoryHeader(archive, 0) + 24, 4000, true);
  await refuses(archive, /set\/zeros.bin is damaged \(.*too many bytes/, ["set/zeros.bin"]);
});

Deno.test("damage to a zip entry is noticed by its checksum", async () => {
  const archive = zipSync({ "set/a.bin": [FILES["set/a.bin"], { level: 0 }] });
  archive[500] ^= 1;
  await refuses(archive, /set\/a.bin is damaged \(the checksum differs\)/, ["set/a.bin"]);
});

Deno.test("a zip cut anywhere is refused", async () => {
  const archive = makeZip(FILES);
  for (const share of [0, 0.01, 0.5, 0.99]) {
    await refuses(archive.subarray(0, archive.length * share), /damaged or not the expected one/);
  }
});

Deno.test("a zip that does not exist is named", async () => {
  await assert.rejects(ZipArchive.open("no/such/archive"), /no\/such\/archive.*ENOENT/);
});
