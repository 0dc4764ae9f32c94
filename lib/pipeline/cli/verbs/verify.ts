/**
 * `verify`: hashes stored results again; with `--rerun` executes some of them once more, and with
 * `--adopt` gives results of older code the present code key where the values agree.
 *
 * @module
 */
import { EXIT, PipelineError } from "../../base/errors.ts";
import { Forecaster } from "../../freshness/forecaster.ts";
import { count, formatBytes } from "../../../base/format.ts";
import type { Manifest } from "../../store/manifest.ts";
import type { PlannedInstance } from "../../plan/plan.ts";
import { type Cached, type Comparison, findCached, rerun, sample } from "../rerun.ts";
import { Session } from "../../run/session.ts";
import { blobsOf } from "../../store/store.ts";
import { shareStore } from "../../store/store_use.ts";
import { sessionOptions, workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";
import { openWorkspace, type Workspace } from "../../freshness/workspace.ts";

/** Verifies the targets' results. @returns Exit status 1 if something is damaged or differs. */
export async function verify(context: VerbContext): Promise<number> {
  const { flags } = context;
  if (flags.adopt && flags.rerun === undefined) {
    throw new PipelineError(
      "Cannot adopt results as none is compared: say how many of each stage by --rerun N",
    );
  }
  const workspace = await openWorkspace(workspaceOptions(context));
  using _use = shareStore(workspace.store);
  if (flags.rerun === undefined) return await verifyBlobs(workspace);
  return await verifyValues(context, workspace, parseCount(flags.rerun), flags.adopt ?? false);
}

function parseCount(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new PipelineError(`Cannot rerun as --rerun must be a whole number from 1: it is "${text}"`);
}

/** Hashes every blob of the selected instances' results; damaged ones are removed. */
async function verifyBlobs({ store, state, selected }: Workspace): Promise<number> {
  const blobs = new Map<string, { bytes: number; instance: string }>();
  const damaged: string[] = [];
  let results = 0;
  for (const { name } of selected) {
    const key = state.keyOf(name);
    const manifest = key === undefined ? null : store.read(key);
    if (!manifest) {
      if (key !== undefined) damaged.push(`${name}: its manifest is missing or damaged`);
      continue;
    }
    results += 1;
    for (const { file, bytes } of blobsOf(manifest)) blobs.set(file, { bytes, instance: name });
  }
  let total = 0;
  for (const [file, { bytes, instance }] of blobs) {
    total += bytes;
    if (await store.verify(file)) continue;
    store.discard(file);
    damaged.push(`${instance}: blob ${file.slice(0, 12)} is missing or damaged`);
  }
  for (const line of damaged) console.error(line);
  const what = `${count(results, "result")}, ${count(blobs.size, "blob")}, ${formatBytes(total)}`;
  if (damaged.length === 0) {
    console.log(`all is whole: ${what}`);
    return EXIT.done;
  }
  console.log(`${damaged.length} damaged of ${what}; the next run makes them again`);
  return EXIT.stageFailed;
}

async function verifyValues(
  context: VerbContext,
  workspace: Workspace,
  perStage: number,
  adopt: boolean,
): Promise<number> {
  const cached = await findCached(workspace);
  const eligible = workspace.selected.flatMap(({ name }) => cached.get(name) ?? [])
    .filter(({ now, manifest }) => !adopt || now.key !== manifest.key);
  if (eligible.length === 0) {
    console.log(
      adopt
        ? "there is nothing to adopt: no result differs from the plan in its code alone"
        : "there is nothing to rerun: no result fits the plan but for its code",
    );
    return EXIT.done;
  }
  const stages = [...new Set(eligible.map(({ instance }) => instance.stage))];
  const byStage = (stage: string) => eligible.filter(({ instance }) => instance.stage === stage);
  const chosen = stages.flatMap((stage) => sample(byStage(stage), perStage));
  const comparisons = await rerun(sessionOptions(context), workspace, chosen, cached);
  for (const { instance, differences } of comparisons) {
    console.log(
      differences.length === 0
        ? `same     ${instance}`
        : `differs  ${instance}  ${differences.join("; ")}`,
    );
  }
  if (adopt) await adoptAgreeing(context, workspace, stages.map(byStage), comparisons);
  return comparisons.every(({ differences }) => differences.length === 0)
    ? EXIT.done
    : EXIT.stageFailed;
}

/** Gives results the present code key, stage by stage where all comparisons agree. */
async function adoptAgreeing(
  context: VerbContext,
  workspace: Workspace,
  stages: readonly (readonly Cached[])[],
  comparisons: readonly Comparison[],
): Promise<void> {
  const { store, state } = workspace;
  for (const results of stages) {
    const { stage } = results[0].instance;
    const compared = comparisons.filter((comparison) => comparison.stage === stage);
    if (compared.some(({ differences }) => differences.length > 0)) {
      console.log(`kept     ${stage}: its values differ, so that its instances are to run again`);
      continue;
    }
    for (const { instance, manifest, now } of results) {
      const adopted: Manifest = {
        ...manifest,
        ...now,
        adopted: {
          from: manifest.parts.code,
          compared: compared.map((comparison) => comparison.instance),
        },
      };
      store.write(adopted);
      state.record(instance.name, adopted);
    }
    console.log(`adopted  ${stage}: ${count(results.length, "result")} of older code`);
  }
  state.save();
  await updateLock(context, workspace);
}

/** Writes the lock file, if everything is up to date now. */
async function updateLock(context: VerbContext, workspace: Workspace): Promise<void> {
  const { plan, code, store, state } = workspace;
  const forecasts = await new Forecaster(plan, store, state, never).forecast(plan.instances);
  const manifests = new Map<string, Manifest>();
  for (const [name, forecast] of forecasts) {
    if (forecast.kind === "fresh") manifests.set(name, forecast.manifest);
  }
  if (manifests.size === plan.instances.length && !context.flags.set) {
    using session = new Session(
      sessionOptions(context),
      { plan, code, installSeconds: 0 },
      store,
      0,
    );
    await session.lock(manifests);
    console.log("the lock file says so");
  } else console.log("run the pipeline to bring the rest up to date and to write the lock file");
}

function never(_: PlannedInstance): boolean {
  return false;
}
