/**
 * The options of the engine's rooms, as a verb's context says them.
 *
 * @module
 */
import type { WorkspaceOptions } from "../freshness/workspace.ts";
import type { SessionOptions } from "../run/session.ts";
import type { SiteOptions } from "../run/site.ts";
import type { SharedStoreOptions } from "../shared_store/settings.ts";
import type { Flags, VerbContext } from "./verb.ts";

/** The project and the targets. */
export function workspaceOptions({ project, words, verbNames }: VerbContext): WorkspaceOptions {
  return { project, targets: words, reservedNames: verbNames };
}

/** How a run goes and what it shows. */
export function sessionOptions({ project, requirements, flags }: VerbContext): SessionOptions {
  return {
    project,
    requirements,
    jobs: flags.jobs,
    asJson: flags.json ?? false,
    keepGoing: flags["keep-going"] ?? false,
  };
}

/** Where instances execute. */
export function siteOptions({ project, requirements, flags }: VerbContext): SiteOptions {
  return {
    project,
    requirements,
    jobs: flags.jobs,
    executor: flags.executor,
    detach: flags.detach ?? false,
    isForced: (flags.force ?? false) || flags["force-from"] !== undefined,
  };
}

/** The shared store. */
export function sharedStoreOptions(flags: Flags): SharedStoreOptions {
  return { address: flags.store, mode: flags["store-mode"] };
}
