import assert from "node:assert/strict";
import { jsonLines, Rig, summaryOf } from "../rig.ts";
import { CacheServer } from "./cache_server.ts";

/** A project that knows its plan, as planning is not what is tested here, and has no results. */
async function checkout(): Promise<Rig> {
  const rig = await Rig.built();
  for (const name of ["ac", "cas", "state", "latest", "runs"]) {
    Deno.removeSync(rig.path("artifacts", name), { recursive: true });
  }
  Deno.removeSync(rig.path("reports"), { recursive: true });
  Deno.removeSync(rig.path("pipeline.lock.yaml"));
  return rig;
}

/** A project whose results are on a server. */
async function pushed(server: CacheServer): Promise<Rig> {
  const rig = await Rig.built();
  const { status, stderr } = await rig.run(["push", "--store", server.url]);
  assert.equal(status, 0, stderr);
  return rig;
}

function notes(stdout: string): string[] {
  return jsonLines(stdout).flatMap((event) => "text" in event ? [String(event.text)] : []);
}

Deno.test("what one run executes another restores, report and all, and says from where", async () => {
  await using server = new CacheServer();
  using first = await checkout();
  const made = await first.run(["--json", "--store", server.url]);
  assert.equal(summaryOf(made.stdout).ran, 4, made.stderr);
  using second = await checkout();
  const { stdout } = await second.run(["--json", "--store", server.url, "--store-mode", "read"]);
  const { ran, restored } = summaryOf(stdout);
  assert.deepEqual([ran, restored], [0, 4]);
  const reasons = jsonLines(stdout).flatMap((event) => "reason" in event ? [event.reason] : []);
  assert.deepEqual(
    [...new Set(reasons)],
    [`from the shared store ${server.url}: never ran`],
  );
  assert.deepEqual(second.snapshot("reports"), first.snapshot("reports"));
  assert.equal(second.read("pipeline.lock.yaml"), first.read("pipeline.lock.yaml"));
  const again = await second.run(["--json"]);
  assert.equal(summaryOf(again.stdout).fresh, 4, "the local store has everything now");
});

Deno.test("blobs are sent before the entry that names them, and only those that are not there", async () => {
  await using server = new CacheServer();
  using rig = await checkout();
  await rig.run(["--store", server.url]);
  for (const [at, { method, path }] of server.requests.entries()) {
    if (method !== "PUT" || !path.startsWith("/ac/")) continue;
    const manifest = JSON.parse(rig.read(`artifacts${path}.json`)).content;
    for (const record of Object.values<{ file?: string }>(manifest.outputs)) {
      if (!record.file) continue;
      const sent = server.requests.findIndex((each) =>
        each.method === "PUT" && each.path === `/cas/${record.file}`
      );
      assert.ok(sent >= 0 && sent < at, `${record.file} before ${path}`);
    }
  }
  const blobs = server.count("PUT", "/cas/");
  const { stdout } = await rig.run(["push", "--store", server.url]);
  assert.match(stdout, /^pushed 4 results: 0 files of .* sent, 5 there already\n$/);
  assert.equal(server.count("PUT", "/cas/"), blobs);
});

Deno.test("push sends what is current and names what is not; pull restores it and executes nothing", async () => {
  await using server = new CacheServer();
  using first = await Rig.built();
  first.edit("stages/total.ts", '"Sums"', '"Totals"');
  const sent = await first.run(["push", "--store", server.url]);
  assert.match(sent.stdout, /^pushed 3 results: 3 files of .*; 1 instance without a current/);
  assert.match(sent.stderr, /^not sent {2}total: it has no current result$/m);
  using second = await checkout();
  second.edit("stages/total.ts", '"Sums"', '"Totals"');
  const pulled = await second.run(["pull", "--json", "--store", server.url]);
  assert.equal(pulled.status, 0, pulled.stderr);
  const { ran, restored } = summaryOf(pulled.stdout);
  assert.deepEqual([ran, restored], [0, 3]);
  const ends = jsonLines(pulled.stdout).flatMap((event) => "outcome" in event ? [event] : []);
  const total = ends.find(({ instance }) => instance === "total");
  assert.deepEqual([total?.outcome, total?.reason], ["skipped", "no store has its result"]);
  assert.equal(summaryOf((await second.run(["--json"])).stdout).ran, 1);
});

Deno.test("reading alone sends nothing, and writing alone asks for no result", async () => {
  await using server = new CacheServer();
  using rig = await checkout();
  await rig.run(["make", "--store", server.url, "--store-mode", "read"]);
  assert.equal(server.count("PUT", "/"), 0);
  await rig.run(["make", "--force", "--store", server.url, "--store-mode", "write"]);
  assert.equal(server.count("PUT", "/ac/"), 1);
  using other = await checkout();
  const { stdout } = await other.run([
    "make",
    "--json",
    "--store",
    server.url,
    "--store-mode",
    "write",
  ]);
  assert.equal(summaryOf(stdout).ran, 1);
  assert.equal(server.count("GET", "/ac/"), 1, "of the first run");
});

Deno.test("a forced instance executes although the shared store has its result", async () => {
  await using server = new CacheServer();
  using _first = await pushed(server);
  using rig = await checkout();
  const { stdout } = await rig.run(["make", "--force", "--json", "--store", server.url]);
  assert.equal(summaryOf(stdout).ran, 1);
});

Deno.test("a server that fails costs one warning, and the run goes on alone", async () => {
  const faults: [string, () => Response, RegExp][] = [
    ["5xx", () => new Response(null, { status: 503 }), /answers 503/],
    ["no credentials", () => new Response(null, { status: 401 }), /set PIPELINE_STORE_TOKEN/],
  ];
  for (const [name, fault, expected] of faults) {
    await using server = new CacheServer();
    server.fault = fault;
    using rig = await checkout();
    const { status, stdout } = await rig.run(["--json", "--store", server.url]);
    assert.equal(status, 0, name);
    assert.equal(summaryOf(stdout).ran, 4);
    const warnings = notes(stdout).filter((text) => text.startsWith("warning"));
    assert.equal(warnings.length, 1, name);
    assert.match(warnings[0], expected);
  }
});

Deno.test("a server that is not there costs one warning; push and pull say it", async () => {
  using rig = await checkout();
  const url = "http://127.0.0.1:9";
  const { status, stdout } = await rig.run(["--json", "--store", url]);
  assert.equal(status, 0);
  const warnings = notes(stdout).filter((text) => text.startsWith("warning"));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /cannot be reached/);
  using built = await Rig.built();
  const failed = await built.run(["push", "--store", url]);
  assert.equal(failed.status, 1);
  assert.match(failed.stderr, /^Cannot push to http:\/\/127.0.0.1:9 as it cannot be reached/);
});

Deno.test("a store that refuses results still gives some", async () => {
  await using server = new CacheServer();
  using first = await Rig.built();
  await first.run(["push", "make", "--store", server.url]);
  server.fault = ({ method }) => method === "PUT" ? new Response(null, { status: 403 }) : null;
  using second = await checkout();
  const { stdout } = await second.run(["--json", "--store", server.url]);
  const { ran, restored } = summaryOf(stdout);
  assert.deepEqual([ran, restored], [3, 1]);
  const warnings = notes(stdout).filter((text) => text.startsWith("warning"));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /takes no results/);
});

Deno.test("a damaged blob is never used: its instance executes, and the right one is sent", async () => {
  await using server = new CacheServer();
  using first = await pushed(server);
  const right = new Map(server.contents);
  for (const [path, content] of server.contents) {
    if (path.startsWith("/cas/")) server.contents.set(path, content.map((byte) => byte ^ 1));
  }
  using second = await checkout();
  const { status, stdout } = await second.run(["--json", "--store", server.url]);
  assert.equal(status, 0);
  assert.equal(summaryOf(stdout).ran, 4);
  assert.equal(notes(stdout).filter((text) => text.includes("damaged data")).length, 1);
  assert.deepEqual(second.snapshot("reports"), first.snapshot("reports"));
  for (const [path, content] of right) {
    if (path.startsWith("/cas/")) assert.deepEqual(server.contents.get(path), content, path);
  }
});

Deno.test("blobs that are cut short on the server are mended, and it serves the next machine", async () => {
  await using server = new CacheServer();
  using _first = await pushed(server);
  const right = new Map(server.contents);
  for (const [path, content] of server.contents) {
    if (path.startsWith("/cas/")) server.contents.set(path, content.subarray(0, 9));
  }
  using second = await checkout();
  const { stdout } = await second.run(["--json", "--store", server.url]);
  assert.equal(summaryOf(stdout).ran, 4);
  const warnings = notes(stdout).filter((text) => text.startsWith("warning"));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /has damaged data, which is not used: .* has 9 of \d+ bytes/);
  for (const [path, content] of right) {
    if (path.startsWith("/cas/")) assert.deepEqual(server.contents.get(path), content, path);
  }
  using third = await checkout();
  assert.equal(summaryOf((await third.run(["--json", "--store", server.url])).stdout).restored, 4);
});

Deno.test("what an earlier transfer left wrong is fetched again, and the server is not blamed", async () => {
  await using server = new CacheServer();
  using _first = await pushed(server);
  using second = await checkout();
  Deno.mkdirSync(second.path("artifacts/partial"), { recursive: true });
  for (const [path, content] of server.contents) {
    if (!path.startsWith("/cas/")) continue;
    const wrong = content.map((byte) => byte ^ 1).subarray(0, content.length - 1);
    Deno.writeFileSync(second.path("artifacts/partial", path.slice("/cas/".length)), wrong);
  }
  const { stdout } = await second.run(["--json", "--store", server.url]);
  assert.equal(summaryOf(stdout).restored, 4);
  assert.deepEqual(notes(stdout).filter((text) => text.startsWith("warning")), []);
});

Deno.test("a blob that the server has lost makes its instance execute", async () => {
  await using server = new CacheServer();
  using _first = await pushed(server);
  for (const path of server.contents.keys()) {
    if (path.startsWith("/cas/")) server.contents.delete(path);
  }
  using second = await checkout();
  const { stdout } = await second.run(["make", "--json", "--store", server.url]);
  assert.equal(summaryOf(stdout).ran, 1);
  assert.equal(server.count("PUT", "/cas/"), 6, "and the server has it again");
});

Deno.test("a local blob that is damaged is never sent", async () => {
  await using server = new CacheServer();
  using rig = await Rig.built();
  for (const { name } of Deno.readDirSync(rig.path("artifacts/cas"))) {
    const path = rig.path("artifacts/cas", name);
    const bytes = Deno.readFileSync(path);
    Deno.chmodSync(path, 0o644);
    Deno.writeFileSync(path, bytes.map((byte) => byte ^ 1));
  }
  const { status, stderr } = await rig.run(["push", "--store", server.url]);
  assert.equal(status, 1);
  assert.match(stderr, /of the local store is damaged/);
  assert.equal(server.contents.size, 0);
});

Deno.test("two engines that make and send the same at once leave a store that serves a third", async () => {
  await using server = new CacheServer();
  using a = await checkout(), b = await checkout();
  const results = await Promise.all(
    [a, b].map((rig) => rig.runApart(["--json", "--store", server.url])),
  );
  for (const { status, stderr } of results) assert.equal(status, 0, stderr);
  using third = await checkout();
  const { stdout } = await third.run(["--json", "--store", server.url]);
  assert.equal(summaryOf(stdout).restored, 4);
});

Deno.test("settings that make no sense are refused, without a password in the message", async () => {
  using rig = await checkout();
  const cases: [string[], RegExp][] = [
    [["push"], /Cannot push as no shared store is named: give --store URL or set PIPELINE_STORE/],
    [
      ["--store", "ftp://x"],
      /must be http\(s\):\/\/HOST\[:PORT\]\[\/PATH\]: current value is "ftp/,
    ],
    [["--store", "ftp://me:secret@x"], /\[\/PATH\]$/m],
    [["--store", "http://me:secret50%zz@x"], /must be percent-encoded UTF-8: write .* as %25/],
    [["--store", "http://x", "--store-mode", "all"], /mode must be read, write, both: .*"all"/],
    [["--frozen", "--store", "http://x"], /Cannot use a shared store with --frozen/],
  ];
  for (const [args, expected] of cases) {
    const { status, stderr } = await rig.run(args);
    assert.equal(status, 2, args.join(" "));
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /secret/);
  }
});

Deno.test("credentials are sent and never shown", async () => {
  await using server = new CacheServer();
  const url = new URL(server.url);
  url.username = "me";
  url.password = "p%40ss"; // "p@ss"
  using rig = await checkout();
  const { stdout, stderr } = await rig.run(["--json", "--store", url.href]);
  assert.equal(summaryOf(stdout).ran, 4);
  const expected = `Basic ${btoa("me:p@ss")}`;
  for (const { headers } of server.requests) assert.equal(headers.get("authorization"), expected);
  server.fault = () => new Response(null, { status: 403 });
  const refused = await rig.run(["push", "--store", url.href]);
  assert.match(refused.stderr, /refuses the credentials that it was given/);
  for (const text of [stdout, stderr, refused.stderr]) assert.doesNotMatch(text, /p@ss|p%40ss/);
  const written = rig.snapshot("artifacts");
  for (const content of written.values()) assert.doesNotMatch(atob(content), /p@ss|p%40ss/);
});
