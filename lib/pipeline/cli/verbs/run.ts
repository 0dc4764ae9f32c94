/**
 * `run`: brings targets up to date, publishes the report and writes the lock file.
 *
 * @module
 */
import { capacity } from "../../execute/capacity.ts";
import { EXIT } from "../../base/errors.ts";
import { forecast } from "../../freshness/forecast.ts";
import { openWorkspace } from "../../freshness/workspace.ts";
import { printForecast } from "../../display/forecast_text.ts";
import { loadPlan } from "../../plan/load.ts";
import { ReportFolder } from "../../records/report_folder.ts";
import { Session } from "../../run/session.ts";
import { openSite } from "../../run/site.ts";
import { sharedStoreSettings } from "../../shared_store/settings.ts";
import { Store } from "../../store/store.ts";
import { forcedBy, selectTargets, withProducers } from "../../plan/target.ts";
import { sessionOptions, sharedStoreOptions, siteOptions, workspaceOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";

/** Runs; with `--dry-run` says what would be done, with `--frozen` regenerates the report alone. */
export async function run(context: VerbContext): Promise<number> {
  const { project, flags } = context;
  if (flags.frozen) return await (await import("../frozen.ts")).runFrozen(context);
  if (flags["dry-run"]) {
    const { cpus } = capacity(flags.jobs);
    const workspace = await openWorkspace(workspaceOptions(context));
    const { plan, selected, store } = workspace;
    const report = new ReportFolder(store, project);
    const isForced = forcedBy(plan, selected, flags.force ?? false, flags["force-from"]);
    const lines = await forecast(workspace, { isForced, publicationReads: report.reads(plan) });
    printForecast(lines, { asJson: flags.json ?? false, slots: cpus });
    return EXIT.done;
  }
  const store = new Store(project.artifacts);
  const loaded = await loadPlan(project, store, context.verbNames);
  const { plan } = loaded;
  const targets = selectTargets(plan, context.words);
  const instances = withProducers(plan, targets);
  const site = await openSite(siteOptions(context), plan, store);
  using session = new Session(sessionOptions(context), loaded, store, instances.length, site);
  const result = await session.run(instances, {
    isForced: forcedBy(plan, targets, flags.force ?? false, flags["force-from"]),
  }, sharedStoreSettings(sharedStoreOptions(flags)));
  await site.end?.((text) => session.emit({ event: "note", text }));
  const { manifests } = result;
  const texts = await session.publish(instances, manifests, false);
  const isWhole = manifests.size === plan.instances.length;
  const isPlain = context.words.length === 0 && !flags.set && !flags.force && !flags["force-from"];
  if (isWhole && (isPlain || flags.lock)) await session.lock(manifests);
  return session.end(result, texts);
}
