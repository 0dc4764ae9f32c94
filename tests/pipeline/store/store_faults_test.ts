import assert from "node:assert/strict";
import { join } from "node:path";
import { Rig, summaryOf } from "../rig.ts";

/** Files of a folder of the store. */
function files(rig: Rig, folder: string): string[] {
  return [...Deno.readDirSync(rig.path("artifacts", folder))]
    .filter(({ isFile }) => isFile).map(({ name }) => rig.path("artifacts", folder, name)).sort();
}

function damage(path: string): void {
  const bytes = Deno.readFileSync(path);
  bytes[Math.floor(bytes.length * 0.7)] ^= 0x10;
  Deno.chmodSync(path, 0o644);
  Deno.writeFileSync(path, bytes);
}

function halve(path: string): void {
  Deno.chmodSync(path, 0o644);
  Deno.truncateSync(path, Deno.statSync(path).size >> 1);
}

async function ranAgain(rig: Rig): Promise<number> {
  const { status, stdout, stderr } = await rig.run(["--json"]);
  assert.equal(status, 0, stderr);
  assert.equal(rig.read("reports/summary.txt"), "Sums\n2: 12\n3: 18\n");
  const { ran, fresh } = summaryOf(stdout);
  assert.equal(ran + fresh, 4);
  assert.match((await rig.run()).stdout, /^everything is fresh/);
  return ran;
}

Deno.test("a damaged blob is found before a stage reads it, and made again", async () => {
  using rig = await Rig.built();
  damage(rig.path("artifacts/latest/make/values.arrow"));
  const { status, stdout, stderr } = await rig.run(["-S", "factors=[2, 3, 4]"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /make: its stored values is damaged; it is made again/);
  assert.match(stderr, /ran +make .*its result is missing from the store or damaged/);
  assert.match(stdout, /4: 24/);
  assert.match(stdout, /3 ran, 0 restored, 2 fresh/);
});

Deno.test("a blob or a manifest that is missing or cut short is made again, and no more", async () => {
  for (const ruin of [(path: string) => Deno.removeSync(path), halve]) {
    for (const file of ["values.arrow", "manifest.json"]) {
      using rig = await Rig.built();
      ruin(Deno.realPathSync(rig.path("artifacts/latest/make", file)));
      assert.equal(await ranAgain(rig), 1, file);
    }
  }
});

Deno.test("a manifest that has lost a bit counts as none", async () => {
  using rig = await Rig.built();
  damage(Deno.realPathSync(rig.path("artifacts/latest/make/manifest.json")));
  assert.equal(await ranAgain(rig), 1);
});

Deno.test("memories that are missing, cut short or damaged are made again", async () => {
  using rig = await Rig.built();
  for (const ruin of [halve, damage, (path: string) => Deno.removeSync(path)]) {
    for (const folder of ["plans", "stages", "state"]) {
      for (const path of files(rig, folder)) ruin(path);
      const { status, stdout, stderr } = await rig.run(["--json"]);
      assert.equal(status, 0, stderr);
      assert.equal(summaryOf(stdout).ran, 0, folder);
    }
  }
});

Deno.test("clocks and times of files mean nothing", async () => {
  using rig = await Rig.built();
  for (const year of ["1999", "2222"]) {
    const time = new Date(`${year}-01-01`);
    const touch = (folder: string) => {
      for (const { name, isDirectory } of Deno.readDirSync(folder)) {
        const path = join(folder, name);
        if (isDirectory) touch(path);
        else Deno.utimeSync(path, time, time);
      }
    };
    touch(rig.folder);
    assert.match((await rig.run()).stdout, /^everything is fresh/);
  }
});

Deno.test("a log that cannot be written for want of space ends the stage, with a remedy", async () => {
  using rig = await Rig.built();
  const { stdout } = await rig.run(["-n", "--json", "-S", "n=4"]);
  const { key } = JSON.parse(stdout.split("\n")[0]);
  Deno.symlinkSync("/dev/full", rig.path("artifacts/logs", `${key}.log`));
  const { status, stderr } = await rig.run(["-S", "n=4"]);
  assert.equal(status, 1);
  assert.match(stderr, /Cannot write .*\.log: .*os error 28.*; free some space/);
  assert.match((await rig.run()).stdout, /^everything is fresh/);
});

/** Why file systems cannot be mounted here; `null` if they can. */
function whyNoMount(): string | null {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "only root can mount on Linux";
  const folder = Deno.makeTempDirSync();
  const mount = new Deno.Command("mount", { args: ["-t", "tmpfs", "none", folder] });
  const { success, stderr } = mount.outputSync();
  if (success) new Deno.Command("umount", { args: [folder] }).outputSync();
  Deno.removeSync(folder);
  return success ? null : new TextDecoder().decode(stderr).trim();
}

const noMount = whyNoMount();
const reason = noMount === null ? "" : ` (skipped: ${noMount})`;

function run(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test({
  name: `on a full disk a run fails with a remedy, and goes on when there is space${reason}`,
  ignore: noMount !== null,
  fn: async () => {
    using rig = new Rig();
    Deno.mkdirSync(rig.path("artifacts"));
    run("mount", "-t", "tmpfs", "-o", "size=2m", "none", rig.path("artifacts"));
    try {
      const full = await rig.run(["make", "-S", "n=400000"]);
      assert.equal(full.status, 1);
      assert.match(full.stderr, /the disk is full: free some space/);
      run("mount", "-o", "remount,size=64m", rig.path("artifacts"));
      const { status, stderr } = await rig.run(["make", "-S", "n=400000"]);
      assert.equal(status, 0, stderr);
    } finally {
      run("umount", rig.path("artifacts"));
    }
  },
});

Deno.test({
  name:
    `a read-only store serves a run in which all is fresh, and says what it needs else${reason}`,
  ignore: noMount !== null,
  fn: async () => {
    using rig = await Rig.built();
    run("mount", "--bind", rig.path("artifacts"), rig.path("artifacts"));
    try {
      run("mount", "-o", "remount,ro,bind", rig.path("artifacts"));
      const fresh = await rig.run();
      assert.match(fresh.stdout, /^everything is fresh/, fresh.stderr);
      const { status, stderr } = await rig.run(["-S", "n=9"]);
      assert.notEqual(status, 0);
      assert.match(stderr, /Cannot write .*Read-only.*make the folder writable, or choose another/);
    } finally {
      run("umount", rig.path("artifacts"));
    }
  },
});

Deno.test("a file of the report that is another than the result's is put right, though nothing runs", async () => {
  using rig = await Rig.built();
  const before = rig.snapshot("reports");
  damage(rig.path("reports/summary.txt"));
  damage(rig.path("reports/data/total.sums.arrow"));
  Deno.removeSync(rig.path("reports/data/double@factor=2.products.arrow"));
  const { status, stdout } = await rig.run();
  assert.equal(status, 0);
  assert.match(stdout, /^Sums\n2: 12\n3: 18\n/m);
  assert.match(stdout, /everything is fresh/);
  assert.deepEqual(rig.snapshot("reports"), before);
});
