/**
 * `pull`: restores targets and all that they need from the shared store, and executes nothing.
 *
 * @module
 */
import { loadPlan } from "../../plan/load.ts";
import { Session } from "../../run/session.ts";
import { requireSharedStore } from "../../shared_store/settings.ts";
import { Store } from "../../store/store.ts";
import { selectTargets, withProducers } from "../../plan/target.ts";
import { sessionOptions, sharedStoreOptions } from "../options.ts";
import type { VerbContext } from "../verb.ts";

/** Restores what there is; what the shared store lacks is skipped. */
export async function pull(context: VerbContext): Promise<number> {
  const { project, flags, words } = context;
  const settings = requireSharedStore("pull", sharedStoreOptions(flags));
  const store = new Store(project.artifacts);
  const loaded = await loadPlan(project, store, context.verbNames);
  const instances = withProducers(loaded.plan, selectTargets(loaded.plan, words));
  using session = new Session(sessionOptions(context), loaded, store, instances.length);
  const result = await session.run(
    instances,
    { isForced: () => false, restoreOnly: true },
    settings,
  );
  return session.end(result, await session.publish(instances, result.manifests, false));
}
