import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { loadPlan } from "../../lib/pipeline/plan/load.ts";
import type { PlannedInstance } from "../../lib/pipeline/plan/plan.ts";
import { openProject } from "../../lib/pipeline/config/project.ts";
import { Store } from "../../lib/pipeline/store/store.ts";
import { withFolder } from "./stage_run.ts";

const ROOT = new URL("../../", import.meta.url);

/** The instances of the pipeline under a profile, by name. */
async function instancesOf(profile: string, folder: string): Promise<Map<string, PlannedInstance>> {
  const project = openProject({
    file: fileURLToPath(new URL("pipeline.yaml", ROOT)),
    profile,
    artifacts: folder,
  });
  const { plan } = await loadPlan(project, new Store(project.artifacts), ["run"]);
  return new Map(plan.instances.map((instance) => [instance.name, instance]));
}

Deno.test("every profile is a valid pipeline", async () => {
  await withFolder(async (folder) => {
    const profiles = [...Deno.readDirSync(new URL("profiles", ROOT))]
      .map(({ name }) => /^([^.]+)\.yaml$/.exec(name)?.[1])
      .filter((name) => name !== undefined);
    assert.ok(profiles.includes("embedded-full") && profiles.includes("paper"));
    for (const profile of profiles) {
      const instances = await instancesOf(profile, folder);
      assert.ok(instances.has("report"), profile);
    }
  });
});

Deno.test("sweeps of the embedded profile end in the main runs, which they share", async () => {
  await withFolder(async (folder) => {
    const instances = await instancesOf("embedded-full", folder);
    const same = (sweep: string, main: string) => {
      const [a, b] = [instances.get(sweep), instances.get(main)];
      assert.ok(a !== undefined && b !== undefined, `${sweep}, ${main}`);
      assert.deepEqual(a.params, b.params, sweep);
      assert.equal(a.seed, b.seed);
      assert.deepEqual(a.inputs.map(({ name }) => name), b.inputs.map(({ name }) => name));
    };
    const views = instances.get("augment@seed=10")!.params.views;
    const random = "labels=random,augmentation=cached,seed=10";
    same(`augment_views@seed=10,views=${views}`, "augment@seed=10");
    same(`train_views@${random},views=${views}`, `train@${random}`);
    same(`train_width@${random},width=2048`, `train@${random}`);
    same(`train_classes@${random},classes=10`, `train@${random}`);
    same("labels_noise@labels=random,seed=10,noise=1", "randomize_labels@labels=random,seed=10");
    same("labels_noise@labels=random,seed=10,noise=0", "randomize_labels@labels=clean,seed=10");
    same(
      "train_noise@labels=random,augmentation=none,seed=10,noise=1",
      "train@labels=random,augmentation=none,seed=10",
    );
    same(`probe_noise@${random},noise=0`, "probe@labels=clean,augmentation=cached,seed=10");
  });
});

Deno.test("capacity runs take equally many steps whatever the number of samples", async () => {
  await withFolder(async (folder) => {
    for (const profile of ["embedded-full", "paper"]) {
      const steps = [...(await instancesOf(profile, folder)).values()]
        .filter(({ stage }) => stage === "train_capacity")
        .map(({ axes, params }) =>
          Math.floor(Number(axes.samples) / Number(params.batch_size)) * Number(params.epochs)
        );
      assert.ok(steps.length > 1 && new Set(steps).size === 1, `${profile}: ${steps}`);
    }
  });
});

Deno.test("in the paper's form only augmented runs are mixed", async () => {
  await withFolder(async (folder) => {
    const runs = [...(await instancesOf("paper", folder)).values()]
      .filter(({ params }) => "mixup" in params);
    const mixed = (augmentation: string) =>
      new Set(
        runs.filter(({ params }) => params.augmentation === augmentation)
          .map(({ params }) => params.mixup),
      );
    assert.deepEqual(mixed("none"), new Set(["none"]));
    assert.ok(mixed("online").has("paper"));
  });
});
