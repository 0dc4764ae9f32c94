import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Instance {
  readonly event: string;
  readonly instance: string;
  readonly outcome: string;
  readonly reason: string;
}

/** Runs the smoke profile in a process of its own; returns its instances and its summary. */
async function runSmoke(folder: string, ...flags: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "main.ts",
      ...["-p", "smoke", "--json"],
      // A run with a value of its own writes no lock file into the repository.
      ...["-S", "epochs=4"],
      ...["--artifacts", join(folder, "artifacts"), "--reports", join(folder, "reports")],
      ...flags,
    ],
    cwd: ROOT,
  }).output();
  const events = new TextDecoder().decode(stdout).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const instances = events.filter(({ event }) => event === "instance") as Instance[];
  return { instances, summary: events.at(-1) };
}

function outcomes(instances: readonly Instance[], outcome: string): string[] {
  return instances.filter((each) => each.outcome === outcome).map(({ instance }) => instance)
    .sort();
}

Deno.test("the smoke profile runs whole, is fresh afterwards, and reruns just what an edit touches", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = await runSmoke(folder);
    assert.equal(first.summary.failed, 0);
    assert.equal(first.summary.ran, first.instances.length);
    const summary = JSON.parse(
      await Deno.readTextFile(join(folder, "reports/smoke/summary.json")),
    );
    for (const name of ["init", "random_none", "random_cached", "clean_none", "clean_cached"]) {
      const { mean, n } = summary.knn[name];
      assert.ok(mean >= 0 && mean <= 100 && n === 1, name);
    }
    const page = await Deno.readTextFile(join(folder, "reports/smoke/index.html"));
    for (const id of ["table-2", "figure-2", "figure-3", "figure-6", "figure-1"]) {
      assert.match(page, new RegExp(`id="${id}"`));
    }

    const second = await runSmoke(folder);
    assert.equal(second.summary.fresh, second.instances.length);

    const edited = await runSmoke(folder, "-S", "probe.neighbours=5");
    assert.deepEqual(outcomes(edited.instances, "ran"), [
      "probe@labels=clean,augmentation=cached,seed=0",
      "probe@labels=clean,augmentation=none,seed=0",
      "probe@labels=random,augmentation=cached,seed=0",
      "probe@labels=random,augmentation=none,seed=0",
      "report",
    ]);
    const probe = edited.instances.find(({ instance }) => instance.startsWith("probe"))!;
    assert.match(probe.reason, /params\.neighbours 20 -> 5/);

    const back = await runSmoke(folder);
    assert.equal(back.summary.ran, 0);
    assert.equal(outcomes(back.instances, "restored").length, 5);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
