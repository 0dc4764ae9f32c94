/**
 * `push`: sends the current results of targets and of all that they need to the shared store.
 *
 * @module
 */
import { EXIT, PipelineError } from "../../base/errors.ts";
import { Forecaster } from "../../freshness/forecaster.ts";
import { count, formatBytes } from "../../../base/format.ts";
import { loadPlan } from "../../plan/load.ts";
import type { Manifest } from "../../store/manifest.ts";
import { HttpCache } from "../../shared_store/http_cache.ts";
import { requireSharedStore, type SharedStoreSettings } from "../../shared_store/settings.ts";
import { type Sent, SharedStore } from "../../shared_store/shared_store.ts";
import { RunState } from "../../freshness/state.ts";
import { Store } from "../../store/store.ts";
import { shareStore } from "../../store/store_use.ts";
import { selectTargets, withProducers } from "../../plan/target.ts";
import { sharedStoreOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";

/** Sends results; what would execute is named and not sent. */
export async function push({ project, flags, words, verbNames }: VerbContext): Promise<number> {
  const settings = requireSharedStore("push", sharedStoreOptions(flags));
  const store = new Store(project.artifacts);
  const { plan } = await loadPlan(project, store, verbNames);
  const instances = withProducers(plan, selectTargets(plan, words));
  using _use = shareStore(store);
  const state = new RunState(project, store);
  const forecasts = await new Forecaster(plan, store, state, () => false).forecast(instances);
  const manifests = new Map<string, Manifest>();
  for (const forecast of forecasts.values()) {
    if ("manifest" in forecast) manifests.set(forecast.manifest.key, forecast.manifest);
  }
  const sent = await sendAll(settings, store, [...manifests.values()]);
  const stale = [...forecasts].filter(([, forecast]) => !("manifest" in forecast));
  for (const [name] of stale) console.error(`not sent  ${name}: it has no current result`);
  console.log(summary(sent, stale.length));
  return EXIT.done;
}

/** @throws {PipelineError} with the first failure, once everything that was begun has ended. */
async function sendAll(
  settings: SharedStoreSettings,
  store: Store,
  manifests: readonly Manifest[],
): Promise<Sent[]> {
  const failure = new AbortController();
  const shared = new SharedStore(store, new HttpCache(settings, { signal: failure.signal }));
  const results = await Promise.allSettled(manifests.map(async (manifest) => {
    try {
      return await shared.send(manifest);
    } catch (cause) {
      failure.abort(cause);
      throw cause;
    }
  }));
  if (failure.signal.aborted) {
    const cause = failure.signal.reason as Error;
    throw new PipelineError(
      `Cannot push to ${settings.address} as ${cause.message}; what was sent stays there`,
      { status: EXIT.stageFailed, cause },
    );
  }
  return results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
}

function summary(sent: readonly Sent[], stale: number): string {
  const sum = (of: (each: Sent) => number) => sent.reduce((total, each) => total + of(each), 0);
  const blobs = `${count(sum(({ blobs }) => blobs), "file")} of ` +
    `${formatBytes(sum(({ bytes }) => bytes))} sent, ${
      sum(({ skipped }) => skipped)
    } there already`;
  const left = stale === 0 ? "" : `; ${count(stale, "instance")} without a current result`;
  return `pushed ${count(sent.length, "result")}: ${blobs}${left}`;
}
