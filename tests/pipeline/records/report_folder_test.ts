import assert from "node:assert/strict";
import { writeJson } from "../../../lib/pipeline/base/files.ts";
import { keyOf } from "../../../lib/pipeline/freshness/key.ts";
import type { Manifest } from "../../../lib/pipeline/store/manifest.ts";
import { encodeEntry } from "../../../lib/pipeline/shared_store/entry.ts";
import { CacheServer } from "../shared_store/cache_server.ts";
import { Rig } from "../rig.ts";

function damage(path: string): void {
  const bytes = Deno.readFileSync(path);
  bytes[Math.floor(bytes.length * 0.7)] ^= 0x10;
  Deno.chmodSync(path, 0o644);
  Deno.writeFileSync(path, bytes);
}

/** Changes the manifest of an instance in a rig's store, as one who wants to harm would. */
function forge(rig: Rig, instance: string, change: (manifest: Manifest) => void): void {
  const path = Deno.realPathSync(rig.path("artifacts/latest", instance, "manifest.json"));
  const manifest = JSON.parse(Deno.readTextFileSync(path)).content;
  change(manifest);
  writeJson(path, manifest);
}

/** The report stage's only published file gets another path. */
function renamePublished(rig: Rig, path: string): void {
  forge(rig, "total", ({ outputs }) => {
    const { files } = outputs.report as unknown as { files: Record<string, unknown> };
    files[path] = files["summary.txt"];
    delete files["summary.txt"];
  });
}

async function refusal(rig: Rig, args: readonly string[] = []): Promise<string> {
  const { status, stderr } = await rig.run(args);
  assert.equal(status, 1, stderr);
  return stderr;
}

Deno.test("a damaged blob of a published file is made again, not copied", async () => {
  for (const output of ["reports/summary.txt", "reports/data/total.sums.arrow"]) {
    using rig = await Rig.built();
    const before = rig.snapshot("reports");
    const { outputs } = JSON.parse(rig.read("artifacts/latest/total/manifest.json")).content;
    damage(rig.path("artifacts/cas", outputs.report.files["summary.txt"].file));
    damage(rig.path("artifacts/cas", outputs.sums.file));
    // What is in the report's folder already is not read from the store.
    assert.match((await rig.run()).stdout, /everything is fresh/);
    Deno.removeSync(rig.path(output));
    const { status, stdout, stderr } = await rig.run();
    assert.equal(status, 0, stderr);
    assert.match(stderr, /total: its stored (report|sums) is damaged; it is made again/);
    assert.match(stdout, /1 ran, 0 restored, 3 fresh/);
    assert.deepEqual(rig.snapshot("reports"), before);
  }
});

Deno.test("paths that lead out of the report's folder or hide in it are refused", async () => {
  for (const path of ["../up.txt", "/etc/up.txt", ".git/config", "a/../../up.txt", "nul", "a\0b"]) {
    using rig = await Rig.built();
    renamePublished(rig, path);
    const before = rig.snapshot(".");
    assert.match(await refusal(rig), /^Cannot publish ".*" of total as it/m);
    const after = rig.snapshot(".");
    assert.deepEqual([...after.keys()].sort(), [...before.keys()].sort());
  }
});

Deno.test("a report stays out of another profile's folder and of the committed tables", async () => {
  const profile = { "profiles/Paper.yaml": "params: { n: 4 }\n" };
  using rig = new Rig(profile);
  await rig.run();
  await rig.run(["-p", "Paper"]);
  const paper = rig.snapshot("reports/Paper");
  renamePublished(rig, "paper/summary.txt");
  assert.match(
    await refusal(rig),
    /Cannot publish "paper\/summary\.txt" of total as the folder is profile Paper's/,
  );
  assert.deepEqual(rig.snapshot("reports/Paper"), paper);

  using other = await Rig.built();
  renamePublished(other, "data/double@factor=2.products.arrow");
  assert.match(await refusal(other), /of total as the place is a committed table's/);
});

Deno.test("a file that the report did not write is left as it is", async () => {
  using rig = new Rig();
  rig.write("reports/summary.txt", "my notes");
  assert.match(
    await refusal(rig),
    /as this report did not write what is at reports\/summary\.txt: move it away and run again/,
  );
  assert.equal(rig.read("reports/summary.txt"), "my notes");
  Deno.removeSync(rig.path("reports/summary.txt"));
  const { status, stdout } = await rig.run();
  assert.equal(status, 0);
  assert.match(stdout, /everything is fresh/);
  assert.match(rig.read("reports/summary.txt"), /^Sums/);
});

Deno.test("a report from a checkout is replaced by what another store makes", async () => {
  using rig = await Rig.built();
  Deno.removeSync(rig.path("artifacts"), { recursive: true });
  rig.edit("stages/total.ts", '"Sums"', '"Totals"');
  assert.equal((await rig.run()).status, 0);
  assert.match(rig.read("reports/summary.txt"), /^Totals/);
  // And once this store has published it, whatever became of it.
  rig.write("reports/summary.txt", "edited");
  rig.edit("stages/total.ts", '"Totals"', '"All"');
  assert.equal((await rig.run()).status, 0);
  assert.match(rig.read("reports/summary.txt"), /^All/);
});

Deno.test("a link on the way into the report's folder is not followed", async () => {
  using rig = await Rig.built();
  rig.write("elsewhere/double@factor=2.products.arrow", "mine");
  Deno.removeSync(rig.path("reports/data"), { recursive: true });
  Deno.symlinkSync(rig.path("elsewhere"), rig.path("reports/data"));
  assert.match(await refusal(rig), /as reports\/data is a link: move it away and run again/);
  assert.deepEqual([...rig.snapshot("elsewhere").keys()], [
    "elsewhere/double@factor=2.products.arrow",
  ]);
  Deno.removeSync(rig.path("reports/data"));
  // The same for a link at the file's own place, also to equal content.
  rig.write("elsewhere/summary.txt", rig.read("reports/summary.txt"));
  Deno.removeSync(rig.path("reports/summary.txt"));
  Deno.symlinkSync(rig.path("elsewhere/summary.txt"), rig.path("reports/summary.txt"));
  assert.match(await refusal(rig), /as reports\/summary\.txt is a link/);
  assert.ok(Deno.lstatSync(rig.path("reports/summary.txt")).isSymlink);
});

Deno.test("two stages that publish the same path are told so, and nothing is written", async () => {
  using rig = new Rig();
  rig.edit(
    "pipeline.yaml",
    "  total:",
    "  copy: { like: total, params: { title: Copy } }\n  total:",
  );
  assert.match(
    await refusal(rig),
    /Cannot publish "summary\.txt" of total as copy publishes summary\.txt, and a folder cannot/,
  );
  assert.throws(() => Deno.statSync(rig.path("reports")), Deno.errors.NotFound);
});

Deno.test("an entry of a shared store with a path that is refused counts as damaged", async () => {
  await using server = new CacheServer();
  using first = await Rig.built();
  await first.run(["push", "--store", server.url]);
  const manifest = JSON.parse(first.read("artifacts/latest/total/manifest.json")).content;
  assert.equal(await keyOf(manifest.parts), manifest.key);
  const { files } = manifest.outputs.report;
  for (const path of [".git/config", ".", "a\0b", "x".repeat(300), "../x", "/x", "a/./b", "a\\b"]) {
    const report = { kind: "files", files: { [path]: files["summary.txt"] } };
    const entry = { ...manifest, outputs: { ...manifest.outputs, report } };
    server.contents.set(
      `/ac/${manifest.key}`,
      (await encodeEntry(entry)) as Uint8Array<ArrayBuffer>,
    );
    using second = await Rig.built();
    for (const name of ["artifacts/ac", "artifacts/cas", "artifacts/state", "reports"]) {
      Deno.removeSync(second.path(name), { recursive: true });
    }
    const { status, stdout, stderr } = await second.run([
      "--store",
      server.url,
      "--store-mode=read",
    ]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /has damaged data, which is not used: it holds no manifest/);
    assert.match(stdout, /1 ran, 3 restored/);
    assert.deepEqual([...second.snapshot("reports").keys()], [...first.snapshot("reports").keys()]);
  }
});

Deno.test("an instance with a label of 300 letters runs, is published and stays fresh", async () => {
  using rig = new Rig();
  const label = "x".repeat(300);
  rig.edit("pipeline.yaml", "${factors}", `{ two: { factor: 2 }, ${label}: { factor: 3 } }`);
  const { status, stderr } = await rig.run();
  assert.equal(status, 0, stderr);
  assert.match((await rig.run()).stdout, /^everything is fresh/);
  const name = /^double@factor=x+-[0-9a-f]{16}/;
  for (const folder of ["reports/data", "artifacts/latest"]) {
    assert.ok([...Deno.readDirSync(rig.path(folder))].some((entry) => name.test(entry.name)));
  }
  Deno.removeSync(rig.path("artifacts"), { recursive: true });
  assert.equal((await rig.run(["--frozen"])).status, 0);
});

Deno.test("the names of outputs, and the file that a run shows, are checked with the stage", async () => {
  const cases: [string, string, RegExp][] = [
    ["report: published", '"../report": published', /the output "\.\.\/report" must be called by/],
    ["report: published", "Sums: published", /the outputs "Sums" and "sums" differ only in case/],
    ['"summary.txt" })', '"../../etc/passwd" })', /cannot show "\.\.\/\.\.\/etc\/passwd" as its/],
  ];
  for (const [from, to, expected] of cases) {
    using rig = new Rig();
    rig.edit("stages/total.ts", from, to);
    const { status, stderr } = await rig.run();
    assert.equal(status, 2);
    assert.match(stderr, expected);
  }
});
