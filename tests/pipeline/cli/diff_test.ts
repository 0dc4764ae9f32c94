import assert from "node:assert/strict";
import { Rig } from "../rig.ts";

async function git(rig: Rig, ...args: string[]): Promise<void> {
  const settings = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
  const { success, stderr } = await new Deno.Command("git", {
    args: [...settings, ...args],
    cwd: rig.folder,
    env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("diff compares the last commit's lock file with the present one", async () => {
  using rig = await Rig.built();
  await git(rig, "init", "--quiet");
  await git(rig, "add", "pipeline.lock.yaml");
  await git(rig, "commit", "--quiet", "-m", "First");
  assert.match((await rig.run(["diff"])).stdout, /^no params and no metrics differ between HEAD:/);

  rig.edit("pipeline.yaml", "n: 3, factors: [2, 3]", "n: 4, factors: [2, 5]");
  await rig.run();
  const { status, stdout } = await rig.runApart(["diff"]);
  assert.equal(status, 0);
  assert.equal(
    stdout,
    `                                 HEAD:pipeline.lock.yaml  pipeline.lock.yaml  change
double@factor=2 metrics.largest  6                        8                   +2
double@factor=3                  there                    -
double@factor=5                  -                        there
make params.count                3                        4                   +1
make metrics.count               3                        4                   +1
`,
  );
  const json = (await rig.run(["diff", "HEAD", "--json"])).stdout.split("\n")[0];
  assert.deepEqual(JSON.parse(json), {
    event: "difference",
    instance: "double@factor=2",
    what: "metrics",
    name: "largest",
    a: 6,
    b: 8,
  });
});

Deno.test("diff compares two runs by their ids, and a lock file by its path", async () => {
  using rig = await Rig.built();
  rig.write("old.lock.yaml", rig.read("pipeline.lock.yaml"));
  rig.edit("pipeline.yaml", "n: 3", "n: 4");
  await rig.run();
  const [first, second] = [...Deno.readDirSync(rig.path("artifacts/runs"))].map(({ name }) => name)
    .sort();
  const runs = (await rig.run(["diff", first, second])).stdout;
  assert.match(runs, /make params\.count +3 +4 +\+1\n/);
  const files = (await rig.run(["diff", rig.path("old.lock.yaml")])).stdout;
  assert.match(files, /make params\.count +3 +4 +\+1\n/);
});

Deno.test("diff says what it cannot compare", async () => {
  using rig = await Rig.built();
  const { status, stderr } = await rig.run(["diff", "nothing"]);
  assert.equal(status, 2);
  assert.match(
    stderr,
    /^Cannot compare with "nothing" as it must be a lock file, a run \(the last are \S+\) or a git revision: /,
  );
  Deno.removeSync(rig.path("pipeline.lock.yaml"));
  const none = await rig.run(["diff", [...Deno.readDirSync(rig.path("artifacts/runs"))][0].name]);
  assert.equal(none.status, 2);
  assert.match(none.stderr, /^Cannot compare with pipeline\.lock\.yaml as it is not there/);
});
