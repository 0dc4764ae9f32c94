import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { ArchiveError } from "../../../lib/data/archives/archive_error.ts";
import { readTarFiles, type TarOptions } from "../../../lib/data/archives/tar_archive.ts";
import { collect, makeTarGz, pattern, tarEntries, type TarEntry, withFile } from "../archives.ts";

const FILES = { "set/a.bin": pattern(3000, 1), "set/b.bin": pattern(5000, 2) };
const OPTIONS: TarOptions = {
  names: ["set/a.bin", "set/b.bin"],
  maximumFileBytes: 5000,
  maximumUnpackedBytes: 100_000,
};

async function read(archive: Uint8Array, changes: Partial<TarOptions> = {}) {
  return await withFile(
    archive,
    async (path) => await collect(readTarFiles(path, { ...OPTIONS, ...changes })),
  );
}

/** Asserts that reading fails with an error that names the archive, the reason and the remedy. */
async function refuses(archive: Uint8Array, reason: RegExp, changes: Partial<TarOptions> = {}) {
  await assert.rejects(read(archive, changes), (error) => {
    assert.ok(error instanceof ArchiveError, String(error));
    assert.match(error.message, reason);
    assert.ok(error.message.startsWith(`Cannot read ${error.archive} as `), error.message);
    assert.match(error.message, /Remove the file to fetch it again, or correct 'source'$/);
    return true;
  });
}

async function withExtra(...extra: TarEntry[]): Promise<Uint8Array> {
  return await makeTarGz([...tarEntries(FILES), ...extra]);
}

Deno.test("named files come in the order asked for, whatever the archive's order", async () => {
  const archive = await makeTarGz(tarEntries(FILES).reverse());
  const files = await read(archive);
  assert.deepEqual(files.map(({ name }) => name), ["set/a.bin", "set/b.bin"]);
  files.forEach(({ name, bytes }) => assert.deepEqual(bytes, FILES[name as keyof typeof FILES]));
});

Deno.test("directories, other files and a leading ./ are passed over", async () => {
  const archive = await makeTarGz([
    { name: "./set", header: { type: "directory" } },
    { name: "./set/readme.html", bytes: pattern(9000, 3) },
    ...tarEntries(FILES).map(({ name, bytes }) => ({ name: `./${name}`, bytes })),
  ]);
  assert.equal((await read(archive)).length, 2);
});

Deno.test("a tar in the format from before POSIX is read", async () => {
  const tar = gunzipSync(await makeTarGz(tarEntries({ "set/a.bin": FILES["set/a.bin"] })));
  tar.fill(0, 257, 512); // magic, version, owner and all that follows
  const sum = tar.subarray(0, 512).fill(0x20, 148, 156).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const [file] = await read(gzipSync(tar), { names: ["set/a.bin"] });
  assert.deepEqual(file.bytes, FILES["set/a.bin"]);
});

Deno.test("a reader that stops early leaves nothing open", async () => {
  const archive = await makeTarGz(tarEntries(FILES));
  await withFile(archive, async (path) => {
    for await (const { name } of readTarFiles(path, OPTIONS)) {
      assert.equal(name, "set/a.bin");
      break;
    }
  });
});

Deno.test("an entry whose name leaves the archive is refused", async () => {
  for (const name of ["../evil", "set/../../evil", "/etc/passwd", "C:/evil", "set\\..\\evil"]) {
    await refuses(
      await withExtra({ name }),
      /entries must stay inside the archive: current name is/,
    );
  }
});

Deno.test("links and devices are refused", async () => {
  for (const type of ["symlink", "link", "character-device", "fifo"] as const) {
    const entry = { name: "set/extra", header: { type, linkname: "/etc/passwd" } };
    await refuses(await withExtra(entry), new RegExp(`set/extra is a ${type}`));
  }
});

Deno.test("a link in place of a file is refused", async () => {
  const link = { type: "symlink", linkname: "/etc/passwd" } as const;
  await refuses(await makeTarGz([{ name: "set/a.bin", header: link }]), /set\/a.bin is a symlink/);
});

Deno.test("a file that occurs twice is refused", async () => {
  await refuses(await withExtra({ name: "./set/a.bin" }), /set\/a.bin occurs twice/);
});

Deno.test("a missing file is named", async () => {
  const archive = await makeTarGz(tarEntries({ "set/a.bin": FILES["set/a.bin"] }));
  await refuses(archive, /it must contain set\/b.bin: no such entry/);
});

Deno.test("a directory in place of a file counts as missing", async () => {
  const archive = await makeTarGz([{ name: "set/a.bin", header: { type: "directory" } }]);
  await refuses(archive, /it must contain set\/a.bin/);
});

Deno.test("a file above its limit is refused by its header", async () => {
  const archive = await makeTarGz(tarEntries(FILES));
  await refuses(archive, /set\/b.bin must have at most 4999 bytes: current size is 5000/, {
    maximumFileBytes: 4999,
  });
});

Deno.test("a bomb is cut short at the limit for the unpacked archive", async () => {
  const bomb = await withExtra({ name: "set/zeros", bytes: new Uint8Array(50e6) });
  assert.ok(bomb.length < 100_000, "50 MB of zeros pack into little");
  await refuses(bomb, /it must unpack to at most 100000 bytes/);
});

Deno.test("an archive cut anywhere is refused", async () => {
  const archive = await makeTarGz(tarEntries(FILES));
  for (const share of [0, 0.01, 0.3, 0.7, 0.999]) {
    await refuses(archive.subarray(0, archive.length * share), /is damaged|must contain/);
  }
});

Deno.test("a tar that ends inside a file is refused although its gzip is whole", async () => {
  const tar = gunzipSync(await makeTarGz(tarEntries(FILES)));
  await refuses(gzipSync(tar.subarray(0, 2000)), /damaged or not the expected one/);
});

Deno.test("a flipped bit is noticed by the archive's own checksum", async () => {
  const archive = await makeTarGz(tarEntries(FILES));
  archive[archive.length - 6] ^= 1;
  await refuses(archive, /damaged or not the expected one/);
});

Deno.test("a file that is no archive is refused", async () => {
  await refuses(new TextEncoder().encode("<html>404</html>"), /damaged or not the expected one/);
  await refuses(gzipSync(pattern(4096, 4)), /damaged or not the expected one/);
});

Deno.test("an archive that does not exist is named", async () => {
  await assert.rejects(collect(readTarFiles("no/such/archive", OPTIONS)), {
    name: "ArchiveError",
    message: /no\/such\/archive.*ENOENT/,
  });
});
