import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { PipelineError } from "../../../lib/pipeline/base/errors.ts";
import { DamageError } from "../../../lib/pipeline/shared_store/damage_error.ts";
import { Store } from "../../../lib/pipeline/store/store.ts";
import {
  HttpCache,
  HttpCacheError,
  type Patience,
} from "../../../lib/pipeline/shared_store/http_cache.ts";
import { CacheServer, cut, drip, stall } from "./cache_server.ts";

const PATIENCE: Patience = { timeoutMs: 2000, retryMs: [1, 1] };
const CONTENT = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7 % 251);
const DIGEST = createHash("sha256").update(CONTENT).digest("hex");
const BLOB = `/cas/${DIGEST}`;

function client(server: { url: string }, patience = PATIENCE): HttpCache {
  const settings = { address: server.url, authorization: null, reads: true, writes: true };
  return new HttpCache(settings, { patience });
}

/** A temporary file. */
function scratch() {
  const folder = Deno.makeTempDirSync();
  const path = join(folder, "file");
  const file = Deno.openSync(path, { read: true, write: true, create: true });
  return {
    folder,
    path,
    file,
    [Symbol.dispose]() {
      file.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

Deno.test("a download goes on where the connection was cut", async () => {
  await using server = new CacheServer();
  server.contents.set(BLOB, CONTENT);
  server.fault = ({ count }) => count === 1 ? cut(CONTENT, 30_000) : null;
  using target = scratch();
  assert.equal(await client(server).getBlob(DIGEST, CONTENT.length, target.path), true);
  assert.deepEqual(Deno.readFileSync(target.path), CONTENT);
  assert.deepEqual(server.requests.map(({ headers }) => headers.get("range")), [
    null,
    "bytes=30000-",
  ]);
});

Deno.test("a server that knows no ranges sends all of it, and the start is not kept twice", async () => {
  await using server = new CacheServer();
  server.fault = () => new Response(CONTENT);
  using target = scratch();
  target.file.writeSync(CONTENT.subarray(0, 500));
  await client(server).getBlob(DIGEST, CONTENT.length, target.path);
  assert.deepEqual(Deno.readFileSync(target.path), CONTENT);
});

Deno.test("a server that sends more than the blob fills no disk", async () => {
  await using server = new CacheServer();
  server.contents.set(BLOB, new Uint8Array(20 * CONTENT.length));
  using target = scratch();
  await client(server).getBlob(DIGEST, CONTENT.length, target.path);
  assert.ok(Deno.statSync(target.path).size <= CONTENT.length);
  assert.equal(await new Store(target.folder).receive(target.path, DIGEST), false);
});

Deno.test("a server that stands still is given up after the timeout, at once", async () => {
  await using server = new CacheServer();
  server.fault = () => stall(CONTENT);
  using target = scratch();
  const slow = client(server, { timeoutMs: 100, retryMs: [1, 1] });
  await assert.rejects(
    slow.getBlob(DIGEST, CONTENT.length, target.path),
    (error) =>
      error instanceof HttpCacheError &&
      /less than 32 KiB went through in 0.1 s/.test(error.message),
  );
  assert.equal(server.requests.length, 1);
});

Deno.test("a server that sends a byte now and then is given up", async () => {
  await using server = new CacheServer();
  server.fault = () => drip(CONTENT);
  using target = scratch();
  const slow = client(server, { timeoutMs: 300, retryMs: [] });
  await assert.rejects(
    slow.getBlob(DIGEST, CONTENT.length, target.path),
    (error) => error instanceof HttpCacheError && /less than 32 KiB/.test(error.message),
  );
});

Deno.test("a blob that is cut short on the server is damage, also where more of it is here", async () => {
  await using server = new CacheServer();
  server.contents.set(BLOB, CONTENT.subarray(0, 10_000));
  using target = scratch();
  for (const begun of [0, 50_000]) {
    Deno.writeFileSync(target.path, CONTENT.subarray(0, begun));
    await assert.rejects(
      client(server).getBlob(DIGEST, CONTENT.length, target.path),
      (error) => error instanceof DamageError && /has 10000 of 100000 bytes/.test(error.message),
    );
    assert.equal(Deno.statSync(target.path).size, 0, "nothing of it is gone on with");
  }
  const ranges = server.requests.map(({ headers }) => headers.get("range"));
  assert.deepEqual(ranges, [null, "bytes=50000-", null]);
});

Deno.test({
  name: "a full disk is named as that, and is not the server's fault",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = new CacheServer();
    server.contents.set(BLOB, CONTENT);
    await assert.rejects(
      client(server).getBlob(DIGEST, CONTENT.length, "/dev/full"),
      (error) =>
        error instanceof PipelineError &&
        /^Cannot write \/dev\/full: .*; free some space/.test(error.message),
    );
    assert.equal(server.requests.length, 1);
  },
});

Deno.test("a file that cannot be read is not the server's fault", async () => {
  await using server = new CacheServer();
  using target = scratch();
  await assert.rejects(
    client(server).putBlob(DIGEST, 5, join(target.folder, "absent")),
    (error) => error instanceof PipelineError && /^Cannot read .*absent/.test(error.message),
  );
});

Deno.test("a fault of the server is tried again, a refusal is not", async () => {
  await using server = new CacheServer();
  server.contents.set(BLOB, CONTENT);
  server.fault = ({ count }) => count < 3 ? new Response(null, { status: 502 }) : null;
  assert.equal(await client(server).hasBlob(DIGEST, CONTENT.length), true);
  server.fault = () => new Response(null, { status: 400 });
  const before = server.requests.length;
  await assert.rejects(client(server).hasBlob(DIGEST, CONTENT.length), /it answers 400/);
  assert.equal(server.requests.length, before + 1);
});

Deno.test("a blob of another length than it should have counts as not there", async () => {
  await using server = new CacheServer();
  server.contents.set(BLOB, CONTENT.subarray(1));
  assert.equal(await client(server).hasBlob(DIGEST, CONTENT.length), false);
});

Deno.test("at most eight requests go on at once", async () => {
  await using server = new CacheServer();
  let open = 0, most = 0;
  server.fault = async () => {
    most = Math.max(most, ++open);
    await delay(10);
    open -= 1;
    return null;
  };
  const cache = client(server);
  await Promise.all(Array.from({ length: 40 }, (_, i) => cache.getEntry(String(i))));
  assert.equal(most, 8);
});

Deno.test("a blob of 200 MB is sent with its length, in bounded memory", async () => {
  const bytes = 200 * 1024 * 1024;
  // A server in another process, so that this one's memory is the client's.
  const code = `const server = Deno.serve({ port: 0, onListen: ({ port }) => console.log(port) },
    async (request) => {
      let bytes = 0;
      for await (const part of request.body ?? []) bytes += part.length;
      const length = Number(request.headers.get("content-length"));
      return new Response(null, { status: bytes === length && bytes === ${bytes} ? 201 : 411 });
    });`;
  using target = scratch();
  target.file.truncateSync(bytes);
  Deno.writeTextFileSync(join(target.folder, "server.ts"), code);
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", join(target.folder, "server.ts")],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const port = Number(new TextDecoder().decode((await reader.read()).value));
  const before = Deno.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => peak = Math.max(peak, Deno.memoryUsage().rss), 10);
  await client({ url: `http://127.0.0.1:${port}` }, { timeoutMs: 60_000, retryMs: [] })
    .putBlob(DIGEST, bytes, target.path);
  clearInterval(timer);
  await reader.cancel();
  assert.ok(peak - before < bytes / 2, `${peak - before} bytes`);
});
