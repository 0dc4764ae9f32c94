/**
 * `run`: brings targets up to date, publishes the report and writes the lock file.
 *
 * @module
 */
import { capacity } from "../../execute/capacity.ts";
import { EXIT } from "../../base/errors.ts";
import { forecast } from "../../freshness/forecast.ts";
import { printForecast } from "../../display/forecast_text.ts";
import { loadPlan } from "../../plan/load.ts";
import { Session } from "../../run/session.ts";
import { openSite } from "../../run/site.ts";
import { sharedStoreSettings } from "../../shared_store/settings.ts";
import { Store } from "../../store/store.ts";
import { forcedBy, selectTargets, withProducers } from "../../plan/target.ts";
import type { VerbContext } from "./mod.ts";

/** Runs; with `--dry-run` says what would be done, with `--frozen` regenerates the report alone. */
export async function run(context: VerbContext): Promise<number> {
  const { project, flags } = context;
  if (flags.frozen) return await (await import("../frozen.ts")).runFrozen(context);
  if (flags["dry-run"]) {
    const { cpus } = capacity(flags.jobs);
    const lines = await forecast(context, { verify: true });
    printForecast(lines, { asJson: flags.json ?? false, slots: cpus });
    return EXIT.done;
  }
  const store = new Store(project.artifacts);
  const loaded = await loadPlan(project, store, context.verbNames);
  const { plan } = loaded;
  const targets = selectTargets(plan, context.words);
  const instances = withProducers(plan, targets);
  const site = await openSite(context, plan, store);
  using session = new Session(context, loaded, store, instances.length, site);
  const result = await session.run(instances, {
    isForced: forcedBy(plan, targets, flags.force ?? false, flags["force-from"]),
  }, sharedStoreSettings(flags));
  await site.end?.((text) => session.emit({ event: "note", text }));
  const { manifests } = result;
  const texts = await session.publish(instances, manifests, false);
  const isWhole = manifests.size === plan.instances.length;
  const isPlain = context.words.length === 0 && !flags.set && !flags.force && !flags["force-from"];
  if (isWhole && (isPlain || flags.lock)) await session.lock(manifests);
  return session.end(result, texts);
}
