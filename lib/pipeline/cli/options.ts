/**
 * The options of the engine's rooms, as a verb's context says them.
 *
 * @module
 */
import type { WorkspaceOptions } from "../freshness/workspace.ts";
import type { SessionOptions } from "../run/session.ts";
import type { SiteOptions } from "../run/site.ts";
import { ADDRESS_VARIABLE, type SharedStoreOptions } from "../shared_store/settings.ts";
import type { CommandLine } from "../slurm/follow_up.ts";
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
    rerun: rerunOf(Deno.args, flags),
  };
}

/** A command line whose shared store, which may hold a password, is named by the environment. */
export function rerunOf(args: readonly string[], { store }: Flags): CommandLine {
  if (store === undefined) return { args, env: {} };
  const isAddress = (i: number) => args[i].startsWith("--store=") || args[i - 1] === "--store";
  return {
    args: args.filter((arg, i) => arg !== "--store" && !isAddress(i)),
    env: { [ADDRESS_VARIABLE]: store },
  };
}

/** The shared store. */
export function sharedStoreOptions(flags: Flags): SharedStoreOptions {
  return { address: flags.store, mode: flags["store-mode"] };
}
