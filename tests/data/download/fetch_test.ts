import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { fetchArchive, FetchError, type FetchOptions } from "../../../lib/data/download/fetch.ts";
import type { TransferProgress } from "../../../lib/data/download/transfer.ts";
import { pattern, withFolder } from "../archives.ts";
import { type FileServer, withServer } from "../http_server.ts";

const FILE = pattern(300_000, 1);
const SHA256 = digest("sha256", FILE);
const QUICK = { attempts: 3, firstDelayMs: 5, maximumDelayMs: 40 };

function digest(algorithm: "md5" | "sha256", bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

interface Setting {
  readonly server: FileServer;
  readonly folder: string;
  readonly lines: string[];
  fetch(changes?: Partial<FetchOptions>): ReturnType<typeof fetchArchive>;
}

async function withSetting(use: (setting: Setting) => Promise<void>): Promise<void> {
  await withFolder(async (folder) =>
    await withServer(FILE, async (server) => {
      const lines: string[] = [];
      const options = { sources: [server.url], destinationFolder: folder, retry: QUICK };
      await use({
        server,
        folder,
        lines,
        fetch: (changes = {}) =>
          fetchArchive({ ...options, log: (line) => lines.push(line), ...changes }),
      });
    })
  );
}

/** Names of the files below a folder. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(join(folder, name)) : [name]
  ).sort();
}

Deno.test("a file is fetched whole, hashed, and leaves nothing temporary behind", async () => {
  await withSetting(async ({ server, folder, fetch }) => {
    const { path, sha256, bytes, source } = await fetch();
    assert.deepEqual(await Deno.readFile(path), FILE);
    assert.deepEqual([sha256, bytes, source], [SHA256, FILE.length, server.url]);
    assert.deepEqual(filesBelow(folder), ["file.tar.gz", "file.tar.gz.lock"]);
  });
});

Deno.test("a file that was fetched is never asked for again, and needs no network", async () => {
  await withFolder(async (folder) => {
    const first = await withServer(FILE, async (server) => {
      const options = { sources: [server.url], destinationFolder: folder };
      await fetchArchive(options);
      const again = await fetchArchive(options);
      assert.equal(server.requests.length, 1);
      return again;
    });
    // The server is gone now.
    const sources = ["http://127.0.0.1:9/elsewhere", first.source];
    assert.deepEqual(await fetchArchive({ sources, destinationFolder: folder }), first);
  });
});

Deno.test("an earlier download that was damaged is fetched again", async () => {
  await withSetting(async ({ server, lines, fetch }) => {
    const checksum = { algorithm: "sha256", hex: SHA256 } as const;
    const { path } = await fetch({ checksum });
    await Deno.writeFile(path, FILE.subarray(1));
    assert.equal((await fetch({ checksum })).sha256, SHA256);
    assert.equal(server.requests.length, 2);
    assert.match(lines.join(), /earlier download is not what it should be/);
  });
});

Deno.test("a cut connection goes on where it stopped", async () => {
  await withSetting(async ({ server, lines, fetch }) => {
    server.faults.push({ cutAfter: 100_000 }, { cutAfter: 50_000 });
    const { path } = await fetch();
    assert.deepEqual(await Deno.readFile(path), FILE);
    assert.equal(server.requests.length, 3);
    assert.deepEqual(server.requests[0], {
      url: "/data/file.tar.gz",
      range: undefined,
      ifRange: undefined,
    });
    for (const { range, ifRange } of server.requests.slice(1)) {
      assert.match(range ?? "", /^bytes=[1-9]\d*-$/);
      assert.equal(ifRange, '"1"');
    }
    assert.equal(lines.length, 2);
    assert.match(lines[0], /trying again in 0.005 s/);
  });
});

Deno.test("a download that was given up is continued by the next process", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push({ cutAfter: 200_000 });
    await assert.rejects(fetch({ retry: { ...QUICK, attempts: 1 } }), FetchError);
    assert.equal((await fetch()).sha256, SHA256);
    assert.match(server.requests[1].range ?? "", /^bytes=[1-9]/);
  });
});

Deno.test("a complete download that was not yet renamed is taken as it is", async () => {
  await withSetting(async ({ server, fetch }) => {
    const { path } = await fetch();
    await Deno.rename(path, `${path}.part`);
    const origin = { url: server.url, validator: '"1"' };
    await Deno.writeTextFile(`${path}.part.json`, JSON.stringify(origin));
    assert.equal((await fetch()).sha256, SHA256);
    assert.deepEqual(server.requests.map(({ range }) => range), [undefined, "bytes=300000-"]);
  });
});

Deno.test("a file that changed meanwhile starts again instead of being spliced", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push({ cutAfter: 100_000 });
    await assert.rejects(fetch({ retry: { ...QUICK, attempts: 1 } }), FetchError);
    server.file = pattern(310_000, 2);
    server.etag = '"2"';
    const { path } = await fetch();
    assert.deepEqual(await Deno.readFile(path), server.file);
    assert.equal(server.requests[1].ifRange, '"1"');
  });
});

Deno.test("a splice by a server that ignores If-Range is found and fetched anew", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push({ cutAfter: 100_000 });
    await assert.rejects(fetch({ retry: { ...QUICK, attempts: 1 } }), FetchError);
    server.file = pattern(300_000, 2);
    server.heedIfRange = false;
    const checksum = { algorithm: "sha256", hex: digest("sha256", server.file) } as const;
    const { path } = await fetch({ checksum });
    assert.deepEqual(await Deno.readFile(path), server.file);
    assert.equal(server.requests.at(-1)?.range, undefined);
  });
});

Deno.test("without ranges or a validator a cut download starts again", async () => {
  for (const change of [{ acceptRanges: false }, { etag: undefined }, { etag: 'W/"1"' }]) {
    await withSetting(async ({ server, fetch }) => {
      Object.assign(server, change);
      server.faults.push({ cutAfter: 100_000 });
      assert.deepEqual(await Deno.readFile((await fetch()).path), FILE);
      const mayAsk = !("etag" in change);
      assert.equal(server.requests[1].range !== undefined, mayAsk, JSON.stringify(change));
    });
  }
});

Deno.test("a file without an announced length is checked against the stated one", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.announceLength = false;
    await assert.rejects(fetch({ bytes: FILE.length + 1 }), /ended after 300000 of 300001 bytes/);
    assert.equal((await fetch({ bytes: FILE.length })).bytes, FILE.length);
  });
});

Deno.test("an archive is stored as it is although the server calls its gzip an encoding", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.file = gzipSync(FILE);
    server.contentEncoding = "gzip";
    server.faults.push({ cutAfter: 100_000 });
    assert.deepEqual(await Deno.readFile((await fetch()).path), new Uint8Array(server.file));
  });
});

Deno.test("a checksum in any of the usual algorithms and cases is verified", async () => {
  await withSetting(async ({ fetch }) => {
    const hex = digest("md5", FILE).toUpperCase();
    assert.equal((await fetch({ checksum: { algorithm: "md5", hex } })).sha256, SHA256);
  });
});

Deno.test("a wrong checksum is an error that names both, and leaves no file", async () => {
  await withSetting(async ({ server, folder, fetch }) => {
    const checksum = { algorithm: "md5", hex: "0".repeat(32) } as const;
    await assert.rejects(fetch({ checksum }), {
      name: "FetchError",
      message: "Cannot fetch the archive as one of its sources must have it: " +
        `${server.url} must have the md5 checksum ${"0".repeat(32)}: ` +
        `current value is ${digest("md5", FILE)}`,
    });
    assert.equal(server.requests.length, 1, "the same bytes would come again");
    assert.deepEqual(filesBelow(folder), ["file.tar.gz.lock"]);
  });
});

Deno.test("a wrong size is refused before the file is fetched", async () => {
  await withSetting(async ({ fetch }) => {
    await assert.rejects(fetch({ bytes: 5 }), /must have 5 bytes: current size is 300000/);
  });
});

Deno.test("a server that is busy is asked again, after the wait that it asks for", async () => {
  await withSetting(async ({ server, lines, fetch }) => {
    const headers = { "retry-after": "3600" };
    server.faults.push({ status: 503, headers }, { status: 429 });
    assert.equal((await fetch()).sha256, SHA256);
    assert.match(lines[0], /answered 503 Service Unavailable; trying again in 0.04 s/);
    assert.match(lines[1], /answered 429 Too Many Requests; trying again in 0.01 s/);
  });
});

Deno.test("a server that stays busy is given up after the stated attempts", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push(...Array.from({ length: 9 }, () => ({ status: 500 })));
    await assert.rejects(fetch(), /answered 500/);
    assert.equal(server.requests.length, QUICK.attempts);
  });
});

Deno.test("attempts that get on do not count as failures", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push(...Array.from({ length: 8 }, () => ({ cutAfter: 30_000 })));
    assert.equal((await fetch()).sha256, SHA256);
  });
});

Deno.test("a file that is not there is not asked for twice, and the mirrors are tried", async () => {
  await withSetting(async ({ server, lines, fetch }) => {
    server.faults.push({ status: 404 });
    const { source } = await fetch({ sources: [server.url, `${server.url}?mirror`] });
    assert.equal(source, `${server.url}?mirror`);
    assert.equal(server.requests.length, 2);
    assert.match(lines.join(), /answered 404 Not Found/);
  });
});

Deno.test("a mirror with the wrong file is passed over", async () => {
  await withSetting(async ({ server, folder, fetch }) => {
    const local = join(folder, "wrong.tar.gz");
    await Deno.writeFile(local, FILE.subarray(9));
    const checksum = { algorithm: "sha256", hex: SHA256 } as const;
    assert.equal((await fetch({ sources: [local, server.url], checksum })).source, server.url);
  });
});

Deno.test("a local path and a file: address are used where they are", async () => {
  await withSetting(async ({ server, folder, fetch }) => {
    const local = join(folder, "a file.tar.gz");
    await Deno.writeFile(local, FILE);
    for (const source of [local, pathToFileURL(local).href]) {
      const archive = await fetch({ sources: [source, server.url] });
      assert.deepEqual([archive.path, archive.sha256], [local, SHA256]);
    }
    assert.equal(server.requests.length, 0);
  });
});

Deno.test("when no source has the file, the error tells why, source by source", async () => {
  await withSetting(async ({ server, folder, fetch }) => {
    server.faults.push({ status: 403 });
    const missing = join(folder, "missing");
    await assert.rejects(fetch({ sources: [server.url, missing] }), (error) => {
      assert.ok(error instanceof FetchError);
      assert.equal(error.errors.length, 2);
      assert.match(error.message, /answered 403 Forbidden; .*No such file.*missing/);
      return true;
    });
  });
});

Deno.test("a slow connection is kept as long as something comes", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push({ pieceBytes: 60_000, pauseMs: 300 });
    assert.equal((await fetch({ stallTimeoutMs: 1000 })).sha256, SHA256);
    assert.equal(server.requests.length, 1, "five pauses together are longer than the limit");
  });
});

Deno.test("a connection that stalls is given up and continued", async () => {
  await withSetting(async ({ server, lines, fetch }) => {
    server.faults.push({ stallAfter: 100_000 });
    assert.equal((await fetch({ stallTimeoutMs: 200 })).sha256, SHA256);
    assert.match(lines[0], /it sent nothing for 0.2 s/);
    assert.match(server.requests[1].range ?? "", /^bytes=[1-9]/);
  });
});

Deno.test("an abort ends the download at once and keeps what is there", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push({ stallAfter: 100_000 });
    const controller = new AbortController();
    const stop = () => controller.abort(new Error("stopped by the user"));
    const fetching = fetch({ signal: controller.signal, onProgress: stop });
    await assert.rejects(fetching, /stopped by the user/);
    assert.equal((await fetch()).sha256, SHA256);
    assert.match(server.requests[1].range ?? "", /^bytes=[1-9]/);
  });
});

Deno.test("an abort also ends the wait between attempts", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push({ status: 503 });
    const controller = new AbortController();
    const retry = { attempts: 2, firstDelayMs: 60_000, maximumDelayMs: 60_000 };
    const log = () => setTimeout(() => controller.abort(new Error("stopped")), 1);
    await assert.rejects(fetch({ signal: controller.signal, retry, log }), /stopped/);
  });
});

Deno.test("progress grows to the whole and its rate counts received bytes only", async () => {
  await withSetting(async ({ server, fetch }) => {
    server.faults.push({ cutAfter: 250_000 });
    await assert.rejects(fetch({ retry: { ...QUICK, attempts: 1 } }), FetchError);
    const seen: TransferProgress[] = [];
    const started = performance.now();
    await fetch({ onProgress: (progress) => seen.push(progress) });
    const seconds = (performance.now() - started) / 1000;
    const kept = Number(/\d+/.exec(server.requests[1].range ?? "")?.[0]);
    assert.ok(kept > 0 && seen[0].bytes > kept);
    seen.slice(1).forEach(({ bytes }, i) => assert.ok(bytes > seen[i].bytes));
    const last = seen.at(-1)!;
    assert.deepEqual([last.bytes, last.totalBytes], [FILE.length, FILE.length]);
    assert.ok(last.bytesPerSecond >= 0.99 * (FILE.length - kept) / seconds, "not too low");
    assert.ok(last.bytesPerSecond <= (FILE.length - kept) * 1000, "no more than came in 1 ms");
  });
});

Deno.test("two that want the same file share one download", async () => {
  await withSetting(async ({ server, fetch }) => {
    const archives = await Promise.all([fetch(), fetch(), fetch()]);
    assert.equal(server.requests.length, 1);
    archives.forEach((archive) => assert.deepEqual(archive, archives[0]));
  });
});

Deno.test("files of the same name from different addresses are kept apart", async () => {
  await withSetting(async ({ server, fetch }) => {
    const first = await fetch();
    server.file = pattern(1000, 5);
    const second = await fetch({ sources: [`${server.url}?version=2`] });
    assert.notEqual(second.path, first.path);
    assert.deepEqual(await Deno.readFile(first.path), FILE);
    assert.deepEqual(await Deno.readFile(second.path), server.file);
  });
});

Deno.test("a server that cannot be reached is an error with its address", async () => {
  await withSetting(async ({ fetch }) => {
    await assert.rejects(fetch({ sources: ["http://127.0.0.1:9/x"] }), /127.0.0.1:9\/x/);
  });
});
